//! `/try` of the listener for those who run the gateway: what would become of a request that nobody has made, by the policies
//! in use. It is a dry run without a cluster, by the same admission and in the same words.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, WARNING};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::json_answer::written;
use super::policies::PolicyState;
use crate::admission::engine::Engine;
use crate::admission::policy::{PolicySet, dry_run};
use crate::admission::{Candidate, Verdict, now_millis};
use crate::cluster::identity::IdentityCache;
use crate::config::{Api, ApiError};
use crate::es::answer_form::{AnswerForm, Head};
use crate::es::error::{Exception, Refusal};
use crate::es::parameters::{Known, Parameters};
use crate::es::user::User;
use crate::es::version::Version;
use crate::es::warning;
use crate::http::body::{ReadBodyError, drain, read_bounded};
use crate::http::body_budget::{BodyBudget, BodyShare};
use crate::http::client_body::ClientBodyError;
use crate::plugin::Plugin;
use crate::xcontent::format::Format;

/// How many bytes a body has at most, fewer than the call itself takes: what people try by hand has a few thousand.
const MAX_BODY: usize = 1024 * 1024;

/// How many are judged at a time, on a thread of its own: however many are sent, clients of the cluster lose no more than that.
const AT_A_TIME: usize = 1;

/// How much of a body that is too long is read, so that its client gets to see the answer, in bytes.
const MAX_DRAINED: usize = 16 * MAX_BODY;

const PARAMETERS: Known = Known {
    times: &[],
    others: &[
        ("api", Version::BASE),
        ("id", Version::BASE),
        ("roles", Version::BASE),
        ("user", Version::BASE),
    ],
};

/// Tries requests of one plugin.
pub(super) struct TryOut {
    plugin: Arc<dyn Plugin>,
    api: Api,
    /// What the cluster has said of itself, when a client last made the gateway ask.
    identities: Arc<IdentityCache>,
    policies: PolicyState,
    bodies: BodyBudget,
    places: Arc<Semaphore>,
}

/// Why a request is not tried out.
#[derive(Debug, thiserror::Error)]
enum NotTried {
    #[error("a body with `Content-Type: application/json` is tried out, and this one says [{0}]")]
    MediaType(String),
    #[error("{}", .0.reason)]
    Parameters(Exception),
    #[error("the parameter `id` is missing: the id of what would be created, as in `/try?id=my-id`")]
    NoId,
    #[error("the parameter `api` is [{text}]: {error}")]
    Api { text: String, error: ApiError },
    #[error(
        "the cluster has not yet said which version it is (`jobs.api` is `auto`, and it is asked with the first claimed \
         request): say which one to judge as, such as `api=8.19`"
    )]
    NoVersion,
    #[error(transparent)]
    Body(#[from] ReadBodyError),
    #[error("{0}")]
    Form(String),
    #[error("the gateway panicked while it judged the request")]
    Panicked,
}

impl NotTried {
    const fn status(&self) -> StatusCode {
        match self {
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Parameters(_) | Self::NoId | Self::Api { .. } | Self::NoVersion | Self::Form(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Body(ReadBodyError::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(ReadBodyError::NoRoom(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Body(ReadBodyError::Client(_)) => StatusCode::BAD_REQUEST,
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// What is to be tried out, owned, so that it can go to another thread.
struct Trial {
    plugin: Arc<dyn Plugin>,
    policies: Arc<PolicySet>,
    id: String,
    path: String,
    user: Option<User>,
    api: Version,
    form: AnswerForm,
    body: Bytes,
    /// The room that the body takes.
    share: BodyShare,
}

impl TryOut {
    /// Requests of this plugin, judged as this version, or as the cluster's own.
    pub(super) fn of(
        plugin: Arc<dyn Plugin>,
        api: Api,
        (identities, policies, bodies): (&Arc<IdentityCache>, &PolicyState, &BodyBudget),
    ) -> Self {
        Self {
            plugin,
            api,
            identities: Arc::clone(identities),
            policies: policies.clone(),
            bodies: bodies.clone(),
            places: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }

    /// Answers `GET` with what can be tried out, and `POST` with what would become of the body.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.method() != Method::POST {
            return written(StatusCode::OK, &self.about());
        }
        let tried = self.tried(request).await;
        tried.unwrap_or_else(|error| written(error.status(), &json!({ "error": error.to_string() })))
    }

    fn about(&self) -> Value {
        let route = self.plugin.routes().first();
        json!({
            "plugin": self.plugin.name(),
            "method": route.map(|route| route.method),
            "path": route.map(|route| format!("/{}/<id>", route.prefix)),
            "api": self.version().map(|version| version.to_string()),
            "asks_for_user": self.policies.get().sets.active.asks_for_user(),
            "max_body": MAX_BODY,
            "example": self.plugin.example(),
        })
    }

    /// The version that is judged as, if nobody says another.
    fn version(&self) -> Option<Version> {
        match self.api {
            Api::Fixed(version) => Some(version),
            Api::Auto => {
                let seen = self.identities.last_seen(std::time::Duration::MAX);
                seen.map(|identity| identity.api())
            }
        }
    }

    async fn tried(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, NotTried> {
        let (head, body) = request.into_parts();
        let mut body = body.map_err(ClientBodyError::Broken);
        check_media_type(&head.headers)?;
        let parameters = parameters(head.uri.query().unwrap_or_default())?;
        let id = parameters.value("id").filter(|id| !id.is_empty());
        let id = id.ok_or(NotTried::NoId)?.to_owned();
        let api = match parameters.value("api") {
            None | Some("" | "auto") => self.version().ok_or(NotTried::NoVersion)?,
            Some(text) => match Api::parse(text) {
                Ok(Api::Fixed(version)) => version,
                Ok(Api::Auto) => self.version().ok_or(NotTried::NoVersion)?,
                Err(error) => {
                    let text = text.to_owned();
                    return Err(NotTried::Api { text, error });
                }
            },
        };
        let form = form(api, head.uri.query().unwrap_or_default())?;
        let limit = self.plugin.body_limit().min(MAX_BODY);
        let mut share = self.bodies.share();
        let read = read_bounded(&mut body, limit, &mut share).await;
        if matches!(read, Err(ReadBodyError::TooLarge(_) | ReadBodyError::NoRoom(_))) {
            drain(&mut body, MAX_DRAINED).await;
        }
        let prefix = self.plugin.routes().first().map_or("", |route| route.prefix);
        let trial = Trial {
            plugin: Arc::clone(&self.plugin),
            policies: self.policies.get().sets.active,
            path: format!("/{prefix}/{id}"),
            id,
            user: user(&parameters),
            api,
            form,
            body: read?,
            share,
        };
        // Nobody closes it.
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| NotTried::Panicked)?;
        let judging = tokio::task::spawn_blocking(move || {
            let answer = trial.judge();
            drop(place);
            answer
        });
        judging.await.map_err(|_| NotTried::Panicked)
    }
}

impl Trial {
    /// Judges the request, and writes what a dry run of it would be answered.
    fn judge(self) -> Response<Full<Bytes>> {
        let candidate = Candidate {
            id: &self.id,
            query: "",
            path: &self.path,
            body: &self.body,
            format: Format::Json,
            api: self.api,
            now_millis: now_millis(),
            current: None,
        };
        let engine = Engine {
            call: &*self.plugin,
            policies: &self.policies,
        };
        let decision = engine.decide(&candidate, self.user.as_ref());
        let (status, words, warnings) = match decision.verdict {
            Verdict::Refused(refusal) => {
                let refusal = refusal.naming_rule();
                (refusal.status(), self.form.write_refusal(&refusal), Vec::new())
            }
            Verdict::Admitted(mut admitted) => {
                let stored = admitted.with_companion();
                let mut warnings = std::mem::take(&mut admitted.warnings);
                warnings.extend(admitted.unsettled.map(|unsettled| {
                    let about = unsettled.about;
                    format!("{about} were not looked up: a dry run through the gateway asks the cluster for them")
                }));
                let document = dry_run::report(admitted.documents, &candidate, &stored, &decision.filled);
                (StatusCode::OK, self.form.write(document), warnings)
            }
        };
        drop(self.share);
        let mut answer = Response::new(Full::from(words));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, self.form.media_type());
        headers.extend(warnings.iter().filter_map(|text| Some((WARNING, field(text)?))));
        answer
    }
}

/// A text as a `Warning` field.
fn field(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("299 anomaly-gateway \"{}\"", warning::quoted(text))).ok()
}

/// A form of another site cannot send this type, nor can a script of another site, without being asked first.
fn check_media_type(headers: &HeaderMap) -> Result<(), NotTried> {
    let said = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let said = String::from_utf8_lossy(said).into_owned();
    let essence = said.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(NotTried::MediaType(said))
}

fn parameters(query: &str) -> Result<Parameters, NotTried> {
    let parameters = Parameters::parse(query).map_err(NotTried::Parameters)?;
    let checked = parameters.check(&PARAMETERS, "/try", Version::BASE);
    checked.map_err(NotTried::Parameters)?;
    Ok(parameters)
}

/// Who is to be taken for the caller, if anybody is.
fn user(parameters: &Parameters) -> Option<User> {
    let given = |name| parameters.value(name).filter(|value| !value.is_empty());
    let roles = given("roles").map(|roles| roles.split(',').map(|role| role.trim().to_owned()).collect());
    let name = given("user").map(str::to_owned);
    if name.is_none() && roles.is_none() {
        return None;
    }
    Some(User {
        name: name.unwrap_or_default(),
        roles: roles.unwrap_or_default(),
        ..User::default()
    })
}

/// The form of the answer, which is JSON and may be pretty.
fn form(api: Version, query: &str) -> Result<AnswerForm, NotTried> {
    let mut form = AnswerForm::of(api);
    let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let headers = HeaderMap::from_iter([json]);
    let settled = form.settle(Head {
        query,
        headers: &headers,
        has_body: true,
    });
    let told = |refusal: Refusal| NotTried::Form(refusal.reason().to_owned());
    settled.map_err(told)?;
    Ok(form)
}
