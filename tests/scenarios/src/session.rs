//! One test's run: its calls, what was answered, and what is kept from step to step.

use anyhow::{Context, bail, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

use crate::{
    apis::Apis,
    catch::Catch,
    condition,
    lookup::lookup,
    request::Request,
    response::{Response, uncompressed},
    runner::Server,
    stash::{Stash, plain},
    step::{Do, Step},
    transcript::Exchange,
    variation::Variation,
    wire::Connection,
};

pub(crate) struct Session<'a> {
    connection: &'a mut Connection,
    apis: &'a Apis,
    variation: Variation,
    server: &'a Server,
    /// Chooses where a request may be made in several ways; goes on with each call.
    turn: u64,
    stash: Stash,
    response: Response,
    exchanges: Vec<Exchange>,
    /// The calls whose refusal had not the words that were expected.
    own_words: Vec<String>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        connection: &'a mut Connection,
        apis: &'a Apis,
        variation: Variation,
        server: &'a Server,
        turn: u64,
    ) -> Self {
        Self {
            connection,
            apis,
            variation,
            server,
            turn,
            stash: Stash::default(),
            response: Response::default(),
            exchanges: Vec::new(),
            own_words: Vec::new(),
        }
    }

    /// The exchanges, and the calls whose refusal had not the words that were expected.
    pub(crate) fn into_seen(self) -> (Vec<Exchange>, Vec<String>) {
        (self.exchanges, self.own_words)
    }

    /// Runs steps until one fails.
    pub(crate) fn run(&mut self, steps: &[Step]) -> anyhow::Result<()> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Do(call) => self.call(call).with_context(|| format!("in {}", call.api)),
            Step::Set(pairs) => pairs.iter().try_for_each(|(path, name)| {
                let value = self.value_at(path)?;
                self.stash.keep(name, value);
                Ok(())
            }),
            Step::TransformAndSet(pairs) => pairs.iter().try_for_each(|(name, transformation)| {
                let value = self.transformed(transformation)?;
                self.stash.keep(name, value);
                Ok(())
            }),
            Step::Assert(assertion) => assertion.check(&self.response.body, &self.stash),
        }
    }

    fn value_at(&self, path: &str) -> anyhow::Result<Value> {
        let value = lookup(&self.response.body, path, &self.stash)?;
        value.with_context(|| format!("there is no `{path}` to keep"))
    }

    /// `#base64EncodeCredentials(user,password)` of two values of the answer.
    fn transformed(&self, transformation: &str) -> anyhow::Result<Value> {
        let arguments = transformation.strip_prefix("#base64EncodeCredentials(");
        let arguments = arguments.and_then(|rest| rest.strip_suffix(')')?.split_once(','));
        let (user, password) = arguments.with_context(|| format!("there is no transformation {transformation}"))?;
        let credentials = [plain(&self.value_at(user)?), plain(&self.value_at(password)?)].join(":");
        Ok(Value::String(BASE64_STANDARD.encode(credentials)))
    }

    fn call(&mut self, call: &Do) -> anyhow::Result<()> {
        if let Some(versions) = &call.node_versions {
            let is_there = condition::is_in(&self.server.version, versions);
            ensure!(is_there, "there is no node of the versions {versions}");
        }
        self.turn = self.turn.wrapping_add(1);
        let catch = call.catch.as_deref().map(Catch::read).transpose()?;
        let request = match self.request(call) {
            Err(_) if catch == Some(Catch::Parameter) => return Ok(()),
            request => request?,
        };
        ensure!(catch != Some(Catch::Parameter), "no parameter was found to be wrong");
        self.send(&call.api, &request)?;
        if let Some((catch, refusal)) = catch.as_ref().zip(call.own_words)
            && catch.check(self.response.status, &self.response.text).is_err()
            && self.response.is_refused_as(refusal)
        {
            self.own_words.push(call.api.clone());
            return Ok(());
        }
        self.judge(call, catch.as_ref(), request.method == "HEAD")
    }

    fn request(&self, call: &Do) -> anyhow::Result<Request> {
        let arguments = self.stash.resolve(&Value::Object(call.arguments.clone()))?;
        let given = arguments
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null());
        let arguments: Map<_, _> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut request = match call.api.as_str() {
            "request" => Request::written_out(&arguments)?,
            api => self.apis.request(api, &arguments, self.turn)?,
        };
        for (name, value) in &call.headers {
            request.fields.push((name.clone(), plain(&self.stash.resolve(value)?)));
        }
        Ok(request)
    }

    fn send(&mut self, api: &str, request: &Request) -> anyhow::Result<()> {
        let bytes = self
            .variation
            .bytes(request, &self.server.address.to_string(), self.turn)?;
        let answer = self.connection.exchange(&bytes)?;
        let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
        self.response = Response::read(&answer, request.method == "HEAD")?;
        self.stash.keep("body", self.response.body.clone());
        self.stash.keep("status", self.response.status.into());
        self.stash.keep("fields", self.response.fields.clone());
        self.exchanges.push(Exchange {
            api: api.to_owned(),
            request_line: String::from_utf8_lossy(line).into_owned(),
            content: uncompressed(&answer)?,
            answer,
        });
        Ok(())
    }

    fn judge(&self, call: &Do, catch: Option<&Catch>, is_head: bool) -> anyhow::Result<()> {
        let Response { status, text, .. } = &self.response;
        match catch {
            Some(catch) => catch.check(*status, text)?,
            // That there is nothing is what HEAD was sent to find out.
            None if is_head && *status == 404 => {}
            None if *status >= 400 && !call.ignored.contains(status) => bail!("status {status}: {text}"),
            None => {}
        }
        for expected in &call.warnings {
            let expected = self.stash.text_of(expected)?;
            let is_there = self.response.warnings.contains(&expected);
            ensure!(is_there, "no warning {expected:?} but {:?}", self.response.warnings);
        }
        let expected = [&call.warnings[..], &call.allowed_warnings].concat();
        let unexpected = self
            .response
            .warnings
            .iter()
            .find(|warning| !expected.contains(warning));
        ensure!(unexpected.is_none(), "a warning that was not expected: {unexpected:?}");
        Ok(())
    }
}
