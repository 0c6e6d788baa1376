"""A queue mover on Skytools' framework, as python3-pgq has it: its consumer and its bulk insert.

Skytools has a process a queue. This one works through any number of queues, one after another, on one
connection to each database: what one does in a row costs less than what many do at once. Started with
the name of an ini file.
"""

import sys

from pgq.producer import bulk_insert_events
from pgq.remoteconsumer import SerialConsumer

FIELDS = ['ev_time', 'ev_type', 'ev_data', 'ev_extra1', 'ev_extra2', 'ev_extra3', 'ev_extra4']


class SkytoolsMover(SerialConsumer):
    def __init__(self, args):
        super().__init__('skytools_mover', 'source', 'destination', args)
        self.sources = self.cf.getlist('sources')
        self.queues = self.cf.getlist('queues')

    def work(self):
        """Moves what there is in each queue. Returns 0: nothing is left, sleep for loop_delay."""
        for self.db_name in self.sources:
            for self.queue_name in self.queues:
                self.consumer_name = 'skytools/%s/%s' % (self.db_name, self.queue_name)
                while super().work():
                    pass
        return 0

    def process_remote_batch(self, db, batch_id, event_list, dst_db):
        rows = [[event[field] for field in FIELDS] for event in event_list]
        bulk_insert_events(dst_db.cursor(), rows, FIELDS, self.queue_name)


if __name__ == '__main__':
    SkytoolsMover(sys.argv[1:]).start()
