"""A worker on Skytools' framework, as python3-pgq has it: its cooperative consumer, with one INSERT an
event in the transaction that finishes the batch. Started with the name of an ini file.
"""

import sys

from pgq.coopconsumer import CoopConsumer

INSERT = 'insert into app.handled (queue, ev_time, ev_type, ev_data) values (%s, %s, %s, %s)'


class SkytoolsWorker(CoopConsumer):
    def __init__(self, args):
        super().__init__('skytools_worker', 'destination', args)

    def process_batch(self, db, batch_id, event_list):
        cursor = db.cursor()
        for event in event_list:
            cursor.execute(INSERT, [self.queue_name, event.ev_time, event.ev_type, event.ev_data])


if __name__ == '__main__':
    SkytoolsWorker(sys.argv[1:]).start()
