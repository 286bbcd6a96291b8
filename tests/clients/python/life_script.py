"""What a Python client does with a job from its creation to its deletion: life_script.py URL FILE-OF-JOBS"""

import sys

from elasticsearch_client import Jobs, connect, jobs_of
from transcript import step

CHANGE = {"description": "changed", "groups": ["a-group"]}


def main(url, file):
    client, jobs = connect(url), jobs_of(file)
    api = Jobs(client)
    complete, invalid = jobs["complete"], jobs["invalid"]
    step("validate job", lambda: api.validate(complete))
    step("validate invalid job", lambda: api.validate(invalid))
    step("validate detector", lambda: api.validate_detector(complete["analysis_config"]["detectors"][0]))
    step("validate invalid detector", lambda: api.validate_detector(invalid["analysis_config"]["detectors"][0]))
    step("list no jobs", api.list)
    step("create job", lambda: api.create("complete", complete))
    step("create another job", lambda: api.create("deprecated", jobs["deprecated"]))
    step("get job", lambda: api.get("complete"))
    step("list jobs", api.list)
    step("update job", lambda: api.update("complete", CHANGE))
    step("get jobs of a group", lambda: api.get("a-group"))
    step("update job in vain", lambda: api.update("complete", {"groups": ["deprecated"]}))
    step("update no job", lambda: api.update("none", CHANGE))
    step("open job", lambda: api.open("complete"))
    step("delete job", lambda: api.delete("complete"))
    step("get deleted job", lambda: api.get("complete"))
    step("delete deleted job", lambda: api.delete("complete"))
    step("list what is left", api.list)


main(*sys.argv[1:])
