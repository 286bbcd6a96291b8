"""What every client does, in Python: script.py URL URL-OF-A-TROUBLED-UPSTREAM FILE-OF-JOBS"""

import sys

from elasticsearch_client import (
    Jobs,
    body,
    compressing,
    connect,
    document,
    goes_to,
    jobs_of,
    operations,
    request,
)
from transcript import step

INDEX = "clients"
MEGABYTES = 4


def documents(count):
    return [{"number": number, "group": f"g{number % 3}", "text": f"the text of {number}"} for number in range(count)]


def bulk_of(values, index=INDEX):
    lines = []
    for number, value in enumerate(values):
        lines.extend([{"index": {"_index": index, "_id": str(number)}}, value])
    return operations(lines)


def create_jobs(client, jobs):
    api = Jobs(client)
    step("create job", lambda: api.create("complete", jobs["complete"]))
    step("create job again", lambda: api.create("complete", jobs["complete"]))
    step("create invalid job", lambda: api.create("invalid", jobs["invalid"]))
    step("create deprecated job", lambda: api.create("deprecated", jobs["deprecated"]))
    step("create job by the old path", lambda: api.create_by_the_old_path("old", jobs["complete"]))
    step("get job", lambda: api.get("complete"))
    step("open job", lambda: api.open("complete"))
    step("delete job", lambda: api.delete("complete"))


def write_and_read(client):
    settings = {"number_of_shards": 1, "number_of_replicas": 0}
    step("create index", lambda: client.indices.create(index=INDEX, **body({"settings": settings})))
    step("create index again", lambda: client.indices.create(index=INDEX, **body({"settings": settings})))
    step("index", lambda: client.index(index=INDEX, id="é/ü", **document({"number": -1, "group": "é"})))
    step("create document", lambda: client.create(index=INDEX, id="0", **document({"number": 0})))
    step("create document again", lambda: client.create(index=INDEX, id="0", **document({"number": 0})))
    step("get", lambda: client.get(index=INDEX, id="é/ü"))
    step("get of none", lambda: client.get(index=INDEX, id="none"))
    step("exists", lambda: client.exists(index=INDEX, id="0"))
    step("exists of none", lambda: client.exists(index=INDEX, id="none"))
    step("bulk", lambda: client.bulk(refresh=True, **bulk_of(documents(20))))
    step("search", lambda: client.search(index=INDEX, **body(search())))
    step("search with a mistake", lambda: client.search(index=INDEX, **body({"query": {"no_such_query": {}}})))
    step("search in no index", lambda: client.search(index="none", **body(search())))
    step("count", lambda: client.count(index=INDEX))


def search():
    return {
        "query": {"range": {"number": {"gte": 3}}},
        "sort": [{"number": "desc"}],
        "aggs": {"groups": {"terms": {"field": "group.keyword"}}},
    }


def scroll(client):
    page = step("scroll, first page", lambda: client.search(index=INDEX, scroll="1m", **body({"size": 8, "sort": ["_doc"]})))
    for number in ("second", "third", "last"):
        scrolled = {"scroll_id": page["_scroll_id"], "scroll": "1m"}
        page = step(f"scroll, {number} page", lambda: client.scroll(**body(scrolled)))
    cleared = {"scroll_id": page["_scroll_id"]}
    step("clear scroll", lambda: client.clear_scroll(**body(cleared)))


def large_bodies(client):
    large = {"number": 1000, "unsearched": "ä" * (MEGABYTES << 19)}
    mappings = {"mappings": {"dynamic": False}}
    step("create index of large documents", lambda: client.indices.create(index=INDEX + "-large", **body(mappings)))
    step("index large document", lambda: client.index(index=INDEX + "-large", id="large", **document(large)))
    step("get large document", lambda: client.get(index=INDEX + "-large", id="large"))
    many = bulk_of([{"number": number, "unsearched": "x" * 2000} for number in range(2000)], INDEX + "-large")
    step("large bulk", lambda: client.bulk(refresh=True, filter_path="errors,items.*.status", **many))


def compressed(url):
    client = compressing(url)
    step("compressed bulk", lambda: client.bulk(refresh=True, **bulk_of(documents(200))))
    step("compressed search", lambda: client.search(index=INDEX, **body({"size": 200, "sort": [{"number": "asc"}]})))
    text = document({"text": "x" * 100_000})
    step("compressed index", lambda: client.index(index=INDEX, id="gzip", refresh=True, **text))
    step("compressed get", lambda: client.get(index=INDEX, id="gzip"))


def look(client):
    step("cat indices", lambda: client.cat.indices(index="clients*", v=True, h="health,index,pri,rep,docs.count", s="index"))
    step("cat count as JSON", lambda: client.cat.count(index=INDEX, format="json", h="count"))
    step("health", lambda: client.cluster.health(index=INDEX))
    step("mapping", lambda: client.indices.get_mapping(index=INDEX))
    step("no such path", lambda: request(client, "GET", "/_no/such/path?pretty"))
    echoed = {"x-opaque-id": "of a client"}
    step("opaque id", lambda: request(client, "GET", "/_cluster/health/clients?filter_path=status", headers=echoed))


def sniff(client, url):
    answer = step("nodes", lambda: client.nodes.info(node_id="_all", metric="http"))
    addresses = [node["http"]["publish_address"] for node in answer["nodes"].values()]
    step("sniff", lambda: [goes_to(url, address) for address in addresses])


def main(url, troubled, jobs):
    client = connect(url)
    step("info", client.info)
    step("ping", client.ping)
    create_jobs(client, jobs_of(jobs))
    write_and_read(client)
    scroll(client)
    large_bodies(client)
    compressed(url)
    look(client)
    query = {"query": {"term": {"group.keyword": "g1"}}}
    step("delete by query", lambda: client.delete_by_query(index=INDEX, refresh=True, **body(query)))
    step("delete document", lambda: client.delete(index=INDEX, id="0"))
    sniff(client, url)
    step("retries", lambda: connect(troubled).count(index=INDEX))
    step("delete index", lambda: client.indices.delete(index=INDEX))


main(*sys.argv[1:])
