"""What a Python client does with jobs, whatever is behind the gateway: jobs_script.py URL FILE-OF-JOBS"""

import sys

from elasticsearch_client import Jobs, connect, jobs_of, request
from transcript import step


def main(url, file):
    client, jobs = connect(url), jobs_of(file)
    api = Jobs(client)
    tried = "/_ml/anomaly_detectors/tried?dry_run=true"
    step("try job out", lambda: request(client, "PUT", tried, jobs["complete"]))
    step("create job", lambda: api.create("complete", jobs["complete"]))
    step("create job again", lambda: api.create("complete", jobs["complete"]))
    step("create invalid job", lambda: api.create("invalid", jobs["invalid"]))
    step("create deprecated job", lambda: api.create("deprecated", jobs["deprecated"]))


main(*sys.argv[1:])
