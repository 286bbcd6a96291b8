//! anomaly-gateway: a policy gateway in front of Elasticsearch and OpenSearch.
//!
//! It claims one call, create anomaly detection job, and where it is asked to others, update anomaly detection job and the rest of
//! a job's life that takes no running job, and forwards everything else unchanged.
//!
//! # Rooms
//!
//! A room is a folder. From the bottom to the top; a file uses its own room and those below it, and no two files use each other
//! (`tests/it/layers.rs`, `tests/it/circles.rs`).
//!
//! | room | responsible for |
//! |---|---|
//! | [`xcontent`] | Documents in JSON, YAML, CBOR and SMILE, with the positions of their parts, as Elasticsearch reads and writes them |
//! | [`es`] | The conventions of Elasticsearch's API: errors, media types, parameters, the form of answers, sizes and times |
//! | [`http`] | HTTP/1.1 as a proxy treats it: targets, fields for one hop, framing, bounded bodies, the heads of a client's requests |
//! | [`telemetry`] | The log, the access log and the metrics: each happening is declared once |
//! | [`tls`] | TLS on both sides, read from files that may change |
//! | [`admission`] | The annotated JSON Schema and its faults; policies, their evaluation and what it may cost; the decision |
//! | [`guard`] | Which requests could write to the index that the gateway keeps |
//! | [`upstream`] | Nodes, their health, pools and connections; forwarding |
//! | [`lane`] | The way of plain requests that nobody claims: they pass as the bytes that they came in, and so do their answers |
//! | [`cluster`] | The gateway's own calls: what the cluster is, who a caller is to it, and what the caller may do |
//! | [`store`] | Documents in the cluster: the index made and checked, create, replace, search |
//! | [`plugin`] | What a plugin is, and what a service is; and those that there are, all of `anomaly_job` |
//! | [`route`] | Which plugin or service claims a request |
//! | [`proxy`] | One request, phase by phase |
//! | [`config`] | What the configuration says and means |
//! | [`server`] | Threads, sockets, signals, the service manager, what is read again, the listener for those who run the gateway |
//! | [`cli`] | The subcommands |
//!
//! # The life of a request that nobody claims
//!
//! | file | what happens |
//! |---|---|
//! | `main.rs`, `cli/mod.rs`, `cli/serve.rs` | The process starts; the configuration is read |
//! | `server/mod.rs`, `server/gateway.rs`, `server/plugins.rs` | The gateway is built: everything that there is, once, in the order in which it needs each other |
//! | `server/worker_threads.rs`, `server/worker.rs` | A thread for each core; each accepts connections of its own |
//! | `server/connection.rs` | A connection is served by hyper, request by request |
//! | `lane/mod.rs`, `lane/head.rs`, `proxy/gate.rs`, `lane/exchange.rs`, `lane/conversation.rs` | With `lane: true`, one that is plain passes as the bytes that it came in, and so does its answer; what follows is the way of all others |
//! | `server/client_stream.rs`, `http/request_stream.rs`, `http/request_line.rs` | Below hyper: heads are bounded, and targets that hyper would refuse are respelled on their way into it |
//! | `proxy/mod.rs` | [`proxy::Proxy::answer`]: the page on which all phases stand |
//! | `proxy/context.rs`, `proxy/request_permit.rs` | What goes with the request; whether there is room for it |
//! | `http/target.rs`, `http/framing.rs`, `http/hop_by_hop.rs` | What would be sent on is checked and is what is matched |
//! | `route.rs`, `plugin/route.rs` | No plugin claims it |
//! | `upstream/forward.rs`, `upstream/attempts.rs` | A node is chosen, and another one where nothing was sent to the first |
//! | `upstream/pool.rs`, `upstream/connection.rs`, `upstream/connector.rs`, `upstream/dial.rs` | A connection that is there, or a new one |
//! | `upstream/hyper_sender.rs`, `upstream/request_body.rs` | The request is sent, and its answer begins, in time |
//! | `upstream/upstream_body.rs`, `proxy/downstream_body.rs` | The answer streams; its connection goes back to the pool, its permit is given back |
//! | `telemetry/request_record/mod.rs` | The account of the request is settled: metrics and a line of the access log |
//!
//! # The life of a create
//!
//! As above up to `route.rs`. Then
//!
//! | file | what happens |
//! |---|---|
//! | `proxy/line_limit.rs` | A request line that Elasticsearch would not read is refused |
//! | `proxy/access.rs`, `cluster/identity.rs`, `cluster/calls.rs`, `upstream/own_calls.rs` | The cluster is asked who it is, and whether it knows the caller |
//! | `es/answer_form.rs`, `es/media_type.rs`, `es/parameters.rs` | How the client wants its answer, and what its body is written in |
//! | `proxy/admit.rs` | The phases of a claimed request: read, evaluate, then try out, store or delegate |
//! | `proxy/read.rs`, `http/body.rs`, `proxy/decoding.rs` | The body is read and decoded, within the room that there is |
//! | `proxy/evaluate.rs` | On the worker or, where it may take long, on another thread |
//! | `admission/engine.rs`, `admission/notice.rs` | Operator's defaults, the plugin, policies, in this order; the decision, and what the client is told of it |
//! | `plugin/anomaly_job/plugin.rs`, `plugin/anomaly_job/mod.rs` | The plugin judges the candidate |
//! | `xcontent/json/mod.rs`, `admission/schema.rs`, `admission/schema_fault.rs` | The document, whether it fits the schema, and what is wrong where |
//! | `plugin/anomaly_job/request.rs`, `plugin/anomaly_job/rules/mod.rs`, `plugin/anomaly_job/rulebook/mod.rs` | The typed job, and the rules that a schema cannot say |
//! | `plugin/anomaly_job/datafeed/mod.rs` | The datafeed that may come with the job |
//! | `plugin/anomaly_job/defaults.rs`, `plugin/anomaly_job/response.rs`, `plugin/anomaly_job/response/draft.rs` | What was left out is filled in, and the final document is written once |
//! | `proxy/decision_event.rs`, `proxy/decisions.rs`, `proxy/background_evaluation.rs` | The decision is logged, counted and kept for those who ask why; audits and the shadow set follow without the client waiting |
//! | `proxy/audited.rs`, `proxy/audit_trail.rs`, `server/audit/writer.rs` | With `audit.index`: once it is known what became of it, the decision waits to be written to that index, by another thread |
//! | `proxy/store.rs`, `plugin/anomaly_job/commit.rs`, `plugin/anomaly_job/commit/clash.rs`, `plugin/anomaly_job/commit/pair.rs` | The caller's privilege; the job is committed, with its datafeed, if it has one |
//! | `store/index.rs`, `store/search.rs`, `store/write.rs` | The index is made and looked at, names in use are searched, the document is created |
//! | `proxy/response.rs` | The answer; or, whatever went wrong on the way, `proxy/failure.rs` and `proxy/error_response.rs`: the one place where an error becomes a status |
//!
//! # The life of an update
//!
//! With `jobs.updates: judge`. As a create up to `proxy/read.rs`. Then
//!
//! | file | what happens |
//! |---|---|
//! | `plugin/anomaly_job/update/plugin.rs`, `plugin/anomaly_job/request/update.rs` | What is wrong with the body whatever the job is, and which job is wanted |
//! | `proxy/change.rs`, `proxy/turns.rs`, `proxy/change_lock.rs` | Its turn among the updates of the job; again, where somebody else was faster |
//! | `plugin/anomaly_job/update/look_up.rs`, `store/search.rs` | The job as it is: from the index, or as the cluster shows it |
//! | `admission/engine.rs`, `plugin/anomaly_job/update/mod.rs` | The plugin judges the update on that job |
//! | `plugin/anomaly_job/update/stored.rs`, `plugin/anomaly_job/update/merge.rs`, `plugin/anomaly_job/response.rs` | The job is read, what changes is merged into it, and what comes of it is written |
//! | `admission/policy/existing.rs` | Which violations the job had before, and the update leaves alone |
//! | `proxy/store.rs`, `store/write.rs` | The job takes the place of the version that was judged |
//! | `proxy/delegate.rs`, `proxy/rewrite.rs`, `proxy/confirmation.rs` | Or the update goes on as it came, and what the cluster has made of the job is looked at |
//!
//! # The life of a read, and of a delete
//!
//! With `jobs.serve: all`. As a create up to `proxy/access.rs`. Then
//!
//! | file | what happens |
//! |---|---|
//! | `proxy/service.rs`, `plugin/service.rs` | The caller is authenticated, the request begun and authorised, and then worked on, call by call |
//! | `plugin/anomaly_job/serve/get.rs`, `plugin/anomaly_job/serve/expression.rs` | Which jobs are wanted, and how they are to be shown |
//! | `plugin/anomaly_job/serve/listing.rs`, `store/page.rs` | They are read page by page, each page off the worker |
//! | `plugin/anomaly_job/update/stored.rs`, `plugin/anomaly_job/response.rs`, `plugin/anomaly_job/serve/shown.rs` | Each is read as it is stored, and written as it is shown |
//! | `plugin/anomaly_job/serve/delete.rs`, `plugin/anomaly_job/serve/deletion.rs`, `store/write/remove.rs` | Or one is looked at, and removed if it is still the same, and its datafeed after it |
//! | `plugin/anomaly_job/serve/validate.rs`, `plugin/anomaly_job/validation.rs` | Or one is judged that nobody wants created |
//!
//! Two places turn the reader back, and stay. hyper stands between `server/connection.rs` and `server/client_stream.rs`: the stream
//! that it reads is made before it and read below it. And `admission/engine.rs` asks the plugin, by the trait that it declares
//! for it, so that `serve`, `validate`, `test`, `explain` and `impact` decide by the same lines whoever the plugin is.

pub mod xcontent;

pub mod es;
pub mod http;
pub mod telemetry;
pub mod tls;

pub mod admission;
pub mod guard;
pub mod upstream;

pub mod cluster;
pub mod lane;

pub mod store;

pub mod plugin;

pub mod route;

pub mod proxy;

pub mod config;

pub mod server;

pub mod cli;
