"""Writes down what a caller of a client sees: a line of JSON a step, on standard output."""

import hashlib
import json
import warnings

# Above this many characters a body is told by its length and hash.
LONGEST_BODY = 64 * 1024


def step(name, call):
    """Makes a call, writes down what came of it, and gives its answer, or None where it failed."""
    answer = None
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        try:
            answer = call()
            outcome = _answered(answer)
        except Exception as exception:
            outcome = _raised(exception)
    texts = [f"{warning.category.__name__}: {warning.message}" for warning in shown]
    print(json.dumps({"step": name, **outcome, "warnings": texts}, default=str), flush=True)
    return answer


def _answered(answer):
    meta = getattr(answer, "meta", None)
    if meta is None:
        # Clients before 8 and those of OpenSearch give the parsed body and nothing else.
        return {"type": type(answer).__name__, "body": shortened(answer)}
    body = bool(answer) if meta.status in (200, 404) and answer.body in (True, False) else answer.body
    return {
        "type": type(body).__name__,
        "status": meta.status,
        "headers": dict(meta.headers),
        "body": shortened(body),
    }


def _raised(exception):
    outcome = {"exception": type(exception).__name__}
    meta = getattr(exception, "meta", None)
    if meta is not None:
        return {**outcome, "status": meta.status, "headers": dict(meta.headers), "body": exception.body}
    if hasattr(exception, "status_code"):
        return {**outcome, "status": exception.status_code, "error": exception.error, "body": exception.info}
    return {**outcome, "message": str(exception)}


def shortened(body):
    text = json.dumps(body, sort_keys=True, default=str)
    if len(text) <= LONGEST_BODY:
        return body
    return {"length": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}
