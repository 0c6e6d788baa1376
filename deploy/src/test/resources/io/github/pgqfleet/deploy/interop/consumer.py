"""A consumer in Python that records events, each in the transaction that finishes its batch. An event
"later" is sent to the retry queue the first time.
"""

import sys

from pgq.consumer import Consumer


class Recorder(Consumer):

    def process_event(self, db, event):
        if event.ev_data == 'later' and not event.ev_retry:
            event.tag_retry(1)
            return
        db.cursor().execute("insert into handled values (%s, 'python')", [event.ev_data])


if __name__ == '__main__':
    Recorder('consumer', 'db', sys.argv[1:]).start()
