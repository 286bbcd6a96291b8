"""What differs between the Python clients, so that one script serves them all."""

import json

try:
    import opensearchpy as package

    Client = package.OpenSearch
    IS_OPENSEARCH = True
except ImportError:
    import elasticsearch as package

    Client = package.Elasticsearch
    IS_OPENSEARCH = False

# From 8 on every part of a body is a parameter of its own, and answers have headers.
HAS_BODY_PARAMETER = IS_OPENSEARCH or package.__version__[0] < 8


# Seconds; a machine may be busy, and a client that gives up would be a difference.
PATIENCE = {"timeout" if HAS_BODY_PARAMETER else "request_timeout": 120}


def connect(url, **options):
    return Client([url], **PATIENCE, **options)


def compressing(url):
    return connect(url, http_compress=True)


def goes_to(url, address):
    """Whether a client that asks the cluster for its nodes goes to this address from then on."""
    client = connect(url, sniff_on_start=True)
    if HAS_BODY_PARAMETER:
        nodes = [connection.host for connection in client.transport.connection_pool.connections]
    else:
        nodes = [node.base_url for node in client.transport.node_pool.all()]
    return "http://" + address in nodes


def body(parts):
    return {"body": parts} if HAS_BODY_PARAMETER else parts


def document(value):
    return {"body": value} if HAS_BODY_PARAMETER else {"document": value}


def operations(lines):
    return {"body": lines} if HAS_BODY_PARAMETER else {"operations": lines}


def request(client, method, path, value=None, headers=None):
    """A call that the client has no method for."""
    fields = {"accept": "application/json", **(headers or {})}
    if value is not None:
        fields["content-type"] = "application/json"
    if HAS_BODY_PARAMETER:
        return client.transport.perform_request(method, path, headers=fields, body=value)
    return client.perform_request(method, path, headers=fields, body=value)


class Jobs:
    """The calls of the job API, by the client's own methods; OpenSearch's has none."""

    def __init__(self, client):
        self.client = client
        if not IS_OPENSEARCH:
            # 7.0 has it below `xpack`.
            self.ml = client.ml if hasattr(client, "ml") else client.xpack.ml

    def create(self, job_id, job):
        if IS_OPENSEARCH:
            return self._request("PUT", job_id, job)
        return self.ml.put_job(job_id=job_id, **body(job))

    def get(self, job_id):
        return self._request("GET", job_id) if IS_OPENSEARCH else self.ml.get_jobs(job_id=job_id)

    def list(self):
        return self._request("GET", "") if IS_OPENSEARCH else self.ml.get_jobs()

    def update(self, job_id, change):
        if IS_OPENSEARCH:
            return self._request("POST", job_id + "/_update", change)
        return self.ml.update_job(job_id=job_id, **body(change))

    def validate(self, job):
        return self._request("POST", "_validate", job) if IS_OPENSEARCH else self.ml.validate(**body(job))

    def validate_detector(self, detector):
        if IS_OPENSEARCH:
            return self._request("POST", "_validate/detector", detector)
        return self.ml.validate_detector(body=detector)

    def open(self, job_id):
        return self._request("POST", job_id + "/_open") if IS_OPENSEARCH else self.ml.open_job(job_id=job_id)

    def delete(self, job_id):
        return self._request("DELETE", job_id) if IS_OPENSEARCH else self.ml.delete_job(job_id=job_id)

    def create_by_the_old_path(self, job_id, job):
        return request(self.client, "PUT", "/_xpack/ml/anomaly_detectors/" + job_id, job)

    def _request(self, method, path, value=None):
        return request(self.client, method, "/_ml/anomaly_detectors/" + path, value)


def jobs_of(file):
    with open(file, encoding="utf-8") as opened:
        return json.load(opened)
