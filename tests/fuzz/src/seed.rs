//! What mutations start from: the conformance suite's cases, and what clients send.

use anomaly_gateway::admission::Verdict;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::format::Format;
use conformance::{Case, Generator};
use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Read;

mod words;

use crate::target::admit;

pub(crate) use words::{
    FILTER_WORDS, JOB_WORDS, JSON_WORDS, MEDIA_TYPE_WORDS, QUERY_WORDS, STREAM_WORDS, TARGET_WORDS, UNIT_WORDS,
};

/// How many cases of each version.
const CASES: usize = 300;

fn cases(format: Format) -> impl Iterator<Item = Case> {
    let versions = [
        Version::BASE,
        Version::new(7, 17, 28),
        Version::new(8, 19, 21),
        Version::new(9, 5, 3),
    ];
    versions.into_iter().flat_map(move |api| {
        let mut generator = Generator::new(api, format, 11);
        (0..CASES).map(move |_| generator.case())
    })
}

/// Jobs in the other formats, each after the digit that says in which.
pub(crate) fn formatted_jobs() -> Vec<Vec<u8>> {
    let formats = [(b'0', Format::Yaml), (b'1', Format::Cbor), (b'2', Format::Smile)];
    let in_format = |(digit, format)| cases(format).map(move |case| [&[digit], &*case.body].concat());
    formats.into_iter().flat_map(in_format).collect()
}

pub(crate) fn jobs() -> Vec<Vec<u8>> {
    cases(Format::Json).map(|case| case.body).collect()
}

/// Updates, each after the job that it is of, on one line.
pub(crate) fn updates() -> Vec<Vec<u8>> {
    let mut generator = Generator::new(Version::new(8, 19, 21), Format::Json, 12);
    let stored =
        cases(Format::Json).filter_map(|case| match admit(&case.body, Format::Json, Version::new(8, 19, 21)) {
            Verdict::Admitted(admitted) => Some(admitted.stored().into_owned()),
            Verdict::Refused(_) => None,
        });
    let update = |job: String| {
        let case = generator.update("job", &job);
        let job = case.job.unwrap_or_default();
        [job.as_bytes(), b"\n", &case.body].concat()
    };
    stored.map(update).collect()
}

pub(crate) fn json() -> Vec<Vec<u8>> {
    let utf16 = "{\"ä\":[1,\"𝒳\"]}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let lines = b"\xEF\xBB\xBF{ // a\r\n\"a\\u00e9\": [1.5e3, -0, /* b */ null], \"b\"\r: {} } x".to_vec();
    cases(Format::Json)
        .map(|case| case.body)
        .take(CASES)
        .chain([utf16, lines])
        .collect()
}

pub(crate) fn targets() -> Vec<Vec<u8>> {
    let more = [
        "_ml/anomaly_detectors/x",
        "/_ml/anomaly_detectors/_stats",
        "/_xpack/ml/anomaly_detectors/%5Fstats/",
        "http://node:9200/_ml/anomaly_detectors/a%2Fb",
        "/_ml/anomaly_detectors/x/_open?y=/",
    ];
    let more = more.map(|target| target.as_bytes().to_vec());
    cases(Format::Json)
        .map(|case| case.target().into_bytes())
        .take(100)
        .chain(more)
        .collect()
}

pub(crate) fn streams() -> Vec<Vec<u8>> {
    let requests = [
        "\x03PUT /_ml/anomaly_detectors/x HTTP/1.1\r\nHost: n\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n",
        "\x01GET /<logs-{now/d}>/_search?q=\"a\"#x HTTP/1.1\r\n\r\n",
        "\x10POST _bulk HTTP/1.1\nTransfer-Encoding: chunked\n\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\nGET a`b HTTP/1.1\r\n",
        "\x00CONNECT node:9200 HTTP/1.1\r\n\r\n",
        "\x07OPTIONS * HTTP/1.0\r\n\r\n\r\nGET http://a/<b> HTTP/1.1\r\n\r\n",
    ];
    requests.map(|request| request.as_bytes().to_vec()).to_vec()
}

/// Requests one behind the other, framed in all ways, each with something in it that looks like another.
pub(crate) fn exchanges() -> Vec<Vec<u8>> {
    let next = "GET /<b>#c?d=\"e\" HTTP/1.1\r\nHost: n\r\n\r\n";
    let heads = [
        format!("Content-Length: {}\r\n\r\n{next}", next.len()),
        format!("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{next}"),
        format!(
            "Transfer-Encoding: chunked\n\n{:x};a=\"b\"\r\n{next}\r\n0\r\nX: y\r\n\r\n",
            next.len()
        ),
        format!("Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\n{next}"),
        format!("Transfer-Encoding: chunked\r\n\r\n2 \t;x\r\n{{}}\r\n00\r\n \r\n{next}"),
        format!("Content-Length: 2\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{{}}\r\n\n{next}"),
        format!("Connection: close, content-length\r\nContent-Length: 002\r\n\r\n{{}}{next}"),
        format!("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n{next}"),
        format!("X: y\r\n z\r\nContent-Length : 3\r\n\r\n{next}"),
    ];
    let lines = [
        "POST /<a>#b HTTP/1.1\r\n",
        "\r\nPUT a#b?c HTTP/1.0\n",
        "GET /\u{e4}`?<#> HTTP/1.1\r\n",
        "CONNECT a HTTP/1.1\r\n",
    ];
    let all = lines
        .iter()
        .flat_map(|line| heads.iter().map(move |head| format!("{line}{head}{next}").into_bytes()));
    all.collect()
}

/// Requests that are beyond doubt, and what is nearly so.
pub(crate) fn plain_exchanges() -> Vec<Vec<u8>> {
    let next = "GET /b?c=%3Cd HTTP/1.1\r\nHost: n\r\n\r\n";
    let heads = [
        format!("Content-Length: {}\r\n\r\n{next}", next.len()),
        "Connection: keep-alive\r\nX-Opaque-Id: \u{e4}\r\n\r\n".to_owned(),
        format!(
            "Transfer-Encoding: chunked\r\n\r\n{:x};a=\"b\"\r\n{next}\r\n0\r\nX: y\r\n\r\n",
            next.len()
        ),
        "Transfer-Encoding: chunked\r\nTE: trailers\r\n\r\n0002 \t\r\n{}\r\n000\r\nX: y\n\r\n\r\n".to_owned(),
        "Content-Length: 2\r\nConnection: close\r\n\r\n{}".to_owned(),
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
    ];
    let of = |head: &String| format!("POST /a/_bulk HTTP/1.1\r\nHost: h\r\n{head}{next}{next}").into_bytes();
    heads.iter().map(of).collect()
}

pub(crate) fn media_types() -> Vec<Vec<u8>> {
    let types = [
        "application/json\napplication/json\n",
        "application/vnd.elasticsearch+json; compatible-with=8\napplication/vnd.elasticsearch+json;compatible-with=8\n",
        "application/x-ndjson\n*/*\njson",
        "text/plain;charset=utf-8\n\nyaml",
        "\napplication/yaml, text/html\n",
        "Application/*;a=b;\napplication/vnd.elasticsearch+x-ndjson;compatible-with=9\n",
    ];
    types.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn queries() -> Vec<Vec<u8>> {
    let more = [
        b"a=%zz".to_vec(),
        b"%e9=+;b&c=#d".to_vec(),
        "é=1&pretty".as_bytes().to_vec(),
    ];
    let queries = cases(Format::Json)
        .map(|case| case.query.into_bytes())
        .filter(|query| !query.is_empty());
    queries.chain(more).collect()
}

pub(crate) fn filters() -> Vec<Vec<u8>> {
    let answer = r#"{"job_id":"j","analysis_config":{"detectors":[{"function":"sum","detector_index":0},{}],"influencers":[]},"a.b":{"c":[1,[{"d":null}]]}}"#;
    let filters = [
        "job_id",
        "-job_id,analysis_config",
        "**.detectors.function",
        "*.de*s.*x,-**.d",
        "a.b.c,,**.**",
        "-**",
    ];
    filters
        .map(|filter| format!("{filter}\n{answer}").into_bytes())
        .to_vec()
}

pub(crate) fn units() -> Vec<Vec<u8>> {
    let texts = [
        "10m",
        "1.5h",
        "-1",
        "0",
        " 5 MS",
        "7d",
        "100micros",
        "9223372036854775807nanos",
        "1024mb",
        "0.5gb",
        "-1b",
        "1.234gb",
        "1e3kb",
        "9223372036854775807",
        "-0",
        "1.0E10",
        "0x1.8p3",
        "NaN",
        "1e400",
        "12345678901234567890.5",
        ".5d",
        "yyyy-MM-dd HH:mm:ss.SSSXXX",
        "DDD HH",
        "yyyy-MM-dd'T'HH",
        "epoch_ms",
        "[yyyy]-MM-dd hh a",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn coded() -> Vec<Vec<u8>> {
    let body = br#"{"description":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#.as_slice();
    let zeros = vec![0; 64 * 1024];
    let level = Compression::best();
    vec![
        coded_by(0, GzEncoder::new(body, level)),
        coded_by(2, ZlibEncoder::new(body, level)),
        coded_by(3, DeflateEncoder::new(body, level)),
        coded_by(0, GzEncoder::new(zeros.as_slice(), level)),
        coded_by(2, ZlibEncoder::new(zeros.as_slice(), level)),
        coded_by(0, GzEncoder::new(body, level).chain(GzEncoder::new(body, level))),
        [b"\x04", body].concat(),
    ]
}

fn coded_by(choice: u8, mut encoder: impl Read) -> Vec<u8> {
    let mut coded = vec![choice];
    // From memory into memory.
    let _ = encoder.read_to_end(&mut coded);
    coded
}
