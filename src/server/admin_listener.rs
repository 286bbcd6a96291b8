//! The listener for those who run the gateway: on a thread of its own, so that nothing the gateway does delays an answer, and
//! with connections that make room for each other, so that nobody who only connects does.

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, LocalSet, spawn_local};
use tokio::time::MissedTickBehavior;

use super::ServerError;
use super::admin::Shown;
use super::handed_sockets::HandedSocket;
use super::listener::{self, Listeners, Sharing};
use super::phase::{Phase, PhaseWatch};
use super::worker::pause_after;
use crate::config::Switch;
use crate::telemetry::events::life::AdminListening;

/// How many connections there may be. Whoever runs a gateway has a handful of programs that ask. When one more comes, the
/// one is closed that has been silent for the longest time.
pub(super) const MAX_CONNECTIONS: usize = 64;

/// How long a connection may be there without a request.
const FIRST_REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// How long it may be there after a request. Those who ask come every few seconds.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// How often it is seen to that connections which are silent for too long are closed.
const TIDY_INTERVAL: Duration = Duration::from_secs(1);

/// Answers on a thread of its own until the gateway ends. Where others answer at the same address it takes no new connections
/// any more once the gateway was asked to stop: whoever looks for a gateway that is ready is to find theirs.
pub(super) fn start(
    (address, handed, reuse_port): (SocketAddr, Option<HandedSocket>, Switch),
    shown: Shown,
    phase: PhaseWatch,
) -> Result<(), ServerError> {
    let Listeners {
        address,
        sockets,
        sharing,
    } = listener::open(address, handed, 1, reuse_port.0)?;
    let until = match sharing {
        Sharing::None => Phase::Ending,
        Sharing::Address | Sharing::Socket => Phase::Leaving,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServerError::Start)?;
    let listener = {
        let _entered = runtime.enter();
        let listener = sockets.into_iter().next().map(TcpListener::from_std);
        listener.transpose().map_err(ServerError::Start)?
    };
    let answering = move || LocalSet::new().block_on(&runtime, serve(listener, shown, phase, until));
    let thread = thread::Builder::new().name("admin".to_owned());
    thread.spawn(answering).map_err(ServerError::Start)?;
    AdminListening { address: &address }.log();
    Ok(())
}

async fn serve(mut listener: Option<TcpListener>, shown: Shown, mut phase: PhaseWatch, until: Phase) {
    let mut accepting = phase.clone();
    let shown = Rc::new(shown);
    let mut connections = Connections::default();
    let mut tidying = tokio::time::interval(TIDY_INTERVAL);
    tidying.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            accepted = accept(listener.as_ref()) => match accepted {
                Ok((stream, _)) => connections.add(stream, &shown),
                Err(error) => pause_after(&error).await,
            },
            _ = tidying.tick() => connections.close_silent(),
            () = accepting.reached(until), if listener.is_some() => listener = None,
            () = phase.reached(Phase::Ending) => return,
        }
    }
}

/// Accepts a connection; without a listener, never.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// The connections there are.
#[derive(Default)]
struct Connections(Vec<Connection>);

/// One of them.
struct Connection {
    activity: Rc<Activity>,
    task: AbortHandle,
}

/// What a connection has last done.
struct Activity {
    /// When it was made, or its last request came.
    last: Cell<Instant>,
    /// How long it may be there since then.
    limit: Cell<Duration>,
}

impl Connections {
    /// Serves one more. A client that is in the middle of something for ever is as silent as one that sends nothing.
    fn add(&mut self, stream: TcpStream, shown: &Rc<Shown>) {
        self.0.retain(|connection| !connection.task.is_finished());
        if self.0.len() >= MAX_CONNECTIONS {
            let silent = self.0.iter().enumerate();
            let silent = silent.min_by_key(|(_, connection)| connection.activity.last.get());
            if let Some((place, _)) = silent {
                self.0.swap_remove(place).task.abort();
            }
        }
        let activity = Rc::new(Activity {
            last: Cell::new(Instant::now()),
            limit: Cell::new(FIRST_REQUEST_LIMIT),
        });
        let (shown, active) = (Rc::clone(shown), Rc::clone(&activity));
        let service = service_fn(move |request: Request<Incoming>| {
            active.last.set(Instant::now());
            active.limit.set(IDLE_LIMIT);
            let shown = Rc::clone(&shown);
            async move { Ok::<_, Infallible>(shown.answer(request).await) }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let task = spawn_local(connection).abort_handle();
        self.0.push(Connection { activity, task });
    }

    /// Closes those that have been silent for too long.
    fn close_silent(&mut self) {
        self.0.retain(|Connection { activity, task }| {
            if activity.last.get().elapsed() > activity.limit.get() {
                task.abort();
            }
            !task.is_finished()
        });
    }
}
