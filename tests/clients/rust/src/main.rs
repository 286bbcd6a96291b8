//! What every client does, in Rust: `script URL URL-OF-AN-UNAVAILABLE-UPSTREAM FILE-OF-JOBS`; or what it does with a job from
//! its creation to its deletion: `script URL FILE-OF-JOBS`.

mod life;

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};

use elasticsearch::http::Method;
use elasticsearch::http::headers::HeaderMap;
use elasticsearch::http::request::JsonBody;
use elasticsearch::http::response::Response;
use elasticsearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};
use elasticsearch::indices::{IndicesCreateParts, IndicesDeleteParts, IndicesGetMappingParts};
use elasticsearch::ml::{MlDeleteJobParts, MlGetJobsParts, MlOpenJobParts, MlPutJobParts};
use elasticsearch::params::Refresh;
use elasticsearch::*;
use serde_json::{Map, Value, json};

const INDEX: &str = "clients";
const MEGABYTES: usize = 4;
/// Above this many bytes a body is told by its length and hash.
const LONGEST_BODY: usize = 64 * 1024;

type Answered = Result<Response, elasticsearch::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let (url, unavailable, jobs) = match arguments.as_slice() {
        [_, url, unavailable, jobs] => (url, Some(unavailable), jobs),
        [_, url, jobs] => (url, None, jobs),
        _ => return Err("URL, URL of an unavailable upstream, file of jobs".into()),
    };
    let jobs: Value = serde_json::from_str(&std::fs::read_to_string(jobs)?)?;
    let client = Elasticsearch::new(Transport::single_node(url)?);
    let Some(unavailable) = unavailable else {
        life::live(&client, &jobs).await;
        return Ok(());
    };
    step("info", client.info().send().await).await;
    step("ping", client.ping().send().await).await;
    create_jobs(&client, &jobs).await;
    write_and_read(&client).await;
    scroll(&client).await;
    large_bodies(&client).await;
    compressed(url).await?;
    look(&client).await;
    step("delete by query", delete_by_query(&client).await).await;
    let delete = client.delete(DeleteParts::IndexId(INDEX, "0"));
    step("delete document", delete.send().await).await;
    step("nodes", get(&client, "/_nodes/http").await).await;
    let impatient = Elasticsearch::new(Transport::single_node(unavailable)?);
    step("retries", impatient.count(CountParts::Index(&[INDEX])).send().await).await;
    step(
        "delete index",
        client
            .indices()
            .delete(IndicesDeleteParts::Index(&[INDEX]))
            .send()
            .await,
    )
    .await;
    Ok(())
}

async fn delete_by_query(client: &Elasticsearch) -> Answered {
    let query = json!({"query": {"term": {"group.keyword": "g1"}}});
    client
        .delete_by_query(DeleteByQueryParts::Index(&[INDEX]))
        .body(query)
        .send()
        .await
}

async fn create_jobs(client: &Elasticsearch, jobs: &Value) {
    for (name, id) in [
        ("create job", "complete"),
        ("create job again", "complete"),
        ("create invalid job", "invalid"),
        ("create deprecated job", "deprecated"),
    ] {
        let created = client
            .ml()
            .put_job(MlPutJobParts::JobId(id))
            .body(&jobs[id])
            .send()
            .await;
        step(name, created).await;
    }
    let id = "complete";
    step("get job", client.ml().get_jobs(MlGetJobsParts::JobId(id)).send().await).await;
    step("open job", client.ml().open_job(MlOpenJobParts::JobId(id)).send().await).await;
    step(
        "delete job",
        client.ml().delete_job(MlDeleteJobParts::JobId(id)).send().await,
    )
    .await;
}

async fn create_index(client: &Elasticsearch, index: &str, body: Value) -> Answered {
    client
        .indices()
        .create(IndicesCreateParts::Index(index))
        .body(body)
        .send()
        .await
}

async fn index(client: &Elasticsearch, index: &str, id: &str, document: Value) -> Answered {
    client
        .index(IndexParts::IndexId(index, id))
        .refresh(Refresh::True)
        .body(document)
        .send()
        .await
}

async fn bulk(client: &Elasticsearch, index: &str, count: usize, text: &str) -> Answered {
    let mut lines: Vec<JsonBody<Value>> = Vec::new();
    for number in 0..count {
        lines.push(json!({"index": {"_index": index, "_id": number.to_string()}}).into());
        lines.push(json!({"number": number, "group": format!("g{}", number % 3), "text": text}).into());
    }
    let bulk = client.bulk(BulkParts::None).refresh(Refresh::True);
    bulk.filter_path(&["errors", "items.*.status"]).body(lines).send().await
}

async fn search(client: &Elasticsearch, index: &str, body: Value) -> Answered {
    client.search(SearchParts::Index(&[index])).body(body).send().await
}

async fn write_and_read(client: &Elasticsearch) {
    let settings = json!({"settings": {"number_of_shards": 1, "number_of_replicas": 0}});
    step("create index", create_index(client, INDEX, settings.clone()).await).await;
    step("create index again", create_index(client, INDEX, settings).await).await;
    step(
        "index",
        index(client, INDEX, "é/ü", json!({"number": -1, "group": "é"})).await,
    )
    .await;
    for name in ["create document", "create document again"] {
        let create = client
            .create(CreateParts::IndexId(INDEX, "0"))
            .body(json!({"number": 0}));
        step(name, create.send().await).await;
    }
    step("get", client.get(GetParts::IndexId(INDEX, "é/ü")).send().await).await;
    step("get of none", client.get(GetParts::IndexId(INDEX, "none")).send().await).await;
    step("exists", client.exists(ExistsParts::IndexId(INDEX, "0")).send().await).await;
    step(
        "exists of none",
        client.exists(ExistsParts::IndexId(INDEX, "none")).send().await,
    )
    .await;
    step("bulk", bulk(client, INDEX, 20, "the text").await).await;
    let sorted = json!({
        "query": {"range": {"number": {"gte": 3}}},
        "sort": [{"number": "desc"}],
        "aggs": {"groups": {"terms": {"field": "group.keyword"}}}
    });
    step("search", search(client, INDEX, sorted).await).await;
    step(
        "search with a mistake",
        search(client, INDEX, json!({"query": {"no_such_query": {}}})).await,
    )
    .await;
    step("search in no index", search(client, "none", json!({})).await).await;
    step("count", client.count(CountParts::Index(&[INDEX])).send().await).await;
}

async fn scroll(client: &Elasticsearch) {
    let sorted = json!({"size": 8, "sort": ["_doc"]});
    let first = client
        .search(SearchParts::Index(&[INDEX]))
        .scroll("1m")
        .body(sorted)
        .send()
        .await;
    let mut page = step("scroll, first page", first).await;
    for name in ["second", "third", "last"] {
        let body = json!({"scroll_id": page["_scroll_id"], "scroll": "1m"});
        let scrolled = client.scroll(ScrollParts::None).body(body).send().await;
        page = step(&format!("scroll, {name} page"), scrolled).await;
    }
    let cleared = json!({"scroll_id": page["_scroll_id"]});
    step(
        "clear scroll",
        client.clear_scroll(ClearScrollParts::None).body(cleared).send().await,
    )
    .await;
}

async fn large_bodies(client: &Elasticsearch) {
    let large = format!("{INDEX}-large");
    let mappings = json!({"mappings": {"dynamic": false}});
    step(
        "create index of large documents",
        create_index(client, &large, mappings).await,
    )
    .await;
    let document = json!({"unsearched": "ä".repeat(MEGABYTES << 19)});
    step("index large document", index(client, &large, "large", document).await).await;
    step(
        "get large document",
        client.get(GetParts::IndexId(&large, "large")).send().await,
    )
    .await;
    step("large bulk", bulk(client, &large, 2000, &"x".repeat(2000)).await).await;
}

async fn compressed(url: &str) -> Result<(), Box<dyn Error>> {
    let pool = SingleNodeConnectionPool::new(url.parse()?);
    let transport = TransportBuilder::new(pool).request_body_compression(true).build()?;
    let client = Elasticsearch::new(transport);
    step("compressed bulk", bulk(&client, INDEX, 200, "the text").await).await;
    let all = json!({"size": 200, "sort": [{"number": "asc"}]});
    step("compressed search", search(&client, INDEX, all).await).await;
    step(
        "compressed index",
        index(&client, INDEX, "gzip", json!({"text": "x".repeat(100_000)})).await,
    )
    .await;
    step(
        "compressed get",
        client.get(GetParts::IndexId(INDEX, "gzip")).send().await,
    )
    .await;
    Ok(())
}

async fn look(client: &Elasticsearch) {
    let indices = "/_cat/indices/clients*?v&h=health,index,pri,rep,docs.count&s=index";
    step("cat indices", get(client, indices).await).await;
    step(
        "cat count as JSON",
        get(client, "/_cat/count/clients?format=json&h=count").await,
    )
    .await;
    step("health", get(client, "/_cluster/health/clients").await).await;
    step(
        "mapping",
        client
            .indices()
            .get_mapping(IndicesGetMappingParts::Index(&[INDEX]))
            .send()
            .await,
    )
    .await;
    step("no such path", get(client, "/_no/such/path?pretty").await).await;
}

/// A call that the client has no method for.
async fn get(client: &Elasticsearch, target: &str) -> Answered {
    client
        .send(
            Method::Get,
            target,
            HeaderMap::new(),
            Option::<&()>::None,
            Option::<&str>::None,
            None,
        )
        .await
}

/// Writes down what came of a call in a line of JSON on standard output, and gives the parsed answer. A refusal is no
/// error to this client; it is written down as one, so that all transcripts are read alike.
async fn step(name: &str, answered: Answered) -> Value {
    let mut written = Map::new();
    written.insert("step".into(), name.into());
    let mut body = Value::Null;
    match answered {
        Err(error) => {
            written.insert("exception".into(), "Error".into());
            written.insert("message".into(), error.to_string().into());
        }
        Ok(answer) => {
            let status = answer.status_code();
            if status.is_client_error() || status.is_server_error() {
                written.insert("exception".into(), "status".into());
            }
            written.insert("status".into(), status.as_u16().into());
            let fields = answer.headers().iter();
            let fields: Map<String, Value> = fields
                .map(|(field, value)| (field.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
                .collect();
            written.insert("headers".into(), fields.into());
            let warnings: Vec<Value> = answer.warning_headers().map(Value::from).collect();
            written.insert("warnings".into(), warnings.into());
            let text = answer.text().await.unwrap_or_else(|error| error.to_string());
            body = serde_json::from_str(&text).unwrap_or_else(|_| text.as_str().into());
            written.insert("body".into(), shortened(&body, &text));
        }
    }
    println!("{}", Value::from(written));
    body
}

fn shortened(body: &Value, text: &str) -> Value {
    if text.len() <= LONGEST_BODY {
        return body.clone();
    }
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    json!({"length": text.len(), "hash": hash.finish()})
}
