"""A cooperative consumer in Python that records events as the tests' handlers do."""

import sys

from pgq.coopconsumer import CoopConsumer


class Recorder(CoopConsumer):

    def process_event(self, db, event):
        db.cursor().execute(
            'insert into handled values (%s, %s, %s)',
            [event.ev_id, event.ev_data, self.subconsumer_name])


if __name__ == '__main__':
    Recorder('coop_consumer', 'db', sys.argv[1:]).start()
