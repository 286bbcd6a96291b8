//! Keeps other gateways from changing a document that this one has the cluster change: a lock, which is a document of its own in
//! the index that they share, created by whoever comes first and removed again when what has come of the change is known.
//!
//! A gateway that is ended leaves its lock behind. So a lock is written anew as long as it is held, and one that was seen
//! unchanged for [`LEASE`] is removed by whoever waits for it. Each gateway measures that with its own clock alone, from the first
//! time that it saw the lock: no clocks are compared. A change whose answer was lost may still be under way in the cluster; its
//! lock stays as long.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{Instant, sleep, timeout};

use super::access::Acting;
use super::failure::described;
use super::seen_locks::{CREATED, SeenLocks};
use crate::admission::{DocumentVersion, now_millis};
use crate::plugin::LockPlace;
use crate::store::{ReadyIndex, StoreError};
use crate::telemetry::events::cluster::{LockNotReleased, LockRemoved};
use crate::xcontent::elided_text::ElidedText;

/// How long a lock counts that nobody writes anew: longer than a cluster takes to do what it was sent (Elasticsearch gives up
/// waiting for its own elected node after 30 s).
const LEASE: Duration = Duration::from_secs(60);

/// How often a lock that is held is written anew.
const RENEWAL: Duration = Duration::from_secs(15);

/// How long after it was written a lock is still good for sending a request.
const GOOD_FOR: Duration = Duration::from_secs(30);

/// The pauses between two attempts to take a lock: the first one, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(80));

/// How long the end of a request waits for its lock to be removed.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a lock says of itself: nothing that lists jobs or datafeeds takes it for one.
const TYPE: &str = "change_lock";

/// A lock that is held. It is released when this is dropped.
#[derive(Debug)]
pub(super) struct ChangeLock {
    state: Rc<State>,
    held: RefCell<Option<oneshot::Sender<()>>>,
    keeper: RefCell<Option<JoinHandle<()>>>,
}

/// What becomes of a lock.
#[derive(Debug)]
struct State {
    /// When it was last written; `None` once it is gone.
    written: Cell<Option<Instant>>,
    /// Whether it is to stay when it is not needed any more.
    stays: Cell<bool>,
}

/// Why a lock was not taken.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// Others held it for too long.
    Late,
    /// It could not be written or looked at.
    Store(StoreError),
}

impl From<StoreError> for NotTaken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ChangeLock {
    /// Takes the lock as soon as nobody else has it.
    pub(super) async fn take(
        place: LockPlace,
        acting: Acting,
        seen: SeenLocks,
        deadline: Instant,
    ) -> Result<Self, NotTaken> {
        let (tell, told) = oneshot::channel();
        // On a task of its own: a client that leaves meanwhile leaves no lock behind.
        spawn_local(async move {
            let mut tell = tell;
            let taken = take(place, acting, &seen, deadline, &mut tell).await;
            let _ = tell.send(taken); // What nobody waits for is released.
        });
        told.await.unwrap_or(Err(NotTaken::Late))
    }

    /// Whether no other gateway can have it while a request is sent now.
    pub(super) fn is_held(&self) -> bool {
        self.state
            .written
            .get()
            .is_some_and(|written| written.elapsed() < GOOD_FOR)
    }

    /// Gives it back when it has served its time, and no sooner.
    pub(super) fn leave(&self) {
        self.state.stays.set(true);
    }

    /// Gives it back, and returns when others can have it.
    pub(super) async fn release(&self) {
        drop(self.held.take());
        let keeper = self.keeper.take();
        if let Some(keeper) = keeper
            && !self.state.stays.get()
        {
            let _ = timeout(PATIENCE, keeper).await;
        }
    }
}

async fn take(
    place: LockPlace,
    acting: Acting,
    seen: &SeenLocks,
    deadline: Instant,
    waiting: &mut oneshot::Sender<Result<ChangeLock, NotTaken>>,
) -> Result<ChangeLock, NotTaken> {
    let LockPlace { index, id } = place;
    let index = index.ensure(acting.store()).await?;
    let mut pause = PAUSES.0;
    loop {
        let written = Instant::now();
        let document = document();
        match acting.store().reserve(&index, &id, document.clone()).await {
            Ok(version) => {
                seen.forget(&id);
                let keeper = Keeper {
                    index,
                    id,
                    acting,
                    document,
                    version,
                };
                return Ok(keeper.keep(written));
            }
            Err(StoreError::Exists) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(found) = acting.store().reserved(&index, &id, &[CREATED]).await? {
            let unchanged = seen.unchanged_for(&id, &found);
            if unchanged >= LEASE {
                acting.store().withdraw(&index, &id, found.version).await?;
                LockRemoved { id: &id }.log();
                continue;
            }
        }
        if Instant::now() + pause > deadline {
            return Err(NotTaken::Late);
        }
        tokio::select! {
            () = waiting.closed() => return Err(NotTaken::Late),
            () = sleep(pause) => pause = PAUSES.1.min(pause * 2),
        }
    }
}

fn document() -> ElidedText {
    json!({"config_type": TYPE, CREATED: now_millis()}).to_string().into()
}

/// What writes a lock anew as long as it is held, and removes it then.
struct Keeper {
    index: ReadyIndex,
    id: String,
    acting: Acting,
    document: ElidedText,
    version: DocumentVersion,
}

impl Keeper {
    fn keep(self, written: Instant) -> ChangeLock {
        let state = Rc::new(State {
            written: Cell::new(Some(written)),
            stays: Cell::new(false),
        });
        let (held, ended) = oneshot::channel();
        let keeper = spawn_local(self.renew(Rc::clone(&state), ended));
        ChangeLock {
            state,
            held: RefCell::new(Some(held)),
            keeper: RefCell::new(Some(keeper)),
        }
    }

    async fn renew(mut self, state: Rc<State>, mut ended: oneshot::Receiver<()>) {
        while timeout(RENEWAL, &mut ended).await.is_err() {
            let Self { index, id, .. } = &self;
            let (store, now) = (self.acting.store(), Instant::now());
            match store
                .reserve_instead(index, id, self.document.clone(), self.version)
                .await
            {
                Ok(version) => {
                    self.version = version;
                    state.written.set(Some(now));
                }
                // Somebody has removed it, or a write whose answer was lost has changed it. Either way it is not this one's.
                Err(StoreError::Outdated) => return state.written.set(None),
                // The next attempt comes before others may take it.
                Err(_) => {}
            }
        }
        if state.stays.get() {
            sleep(LEASE).await;
        }
        let Self {
            index,
            id,
            acting,
            version,
            ..
        } = &self;
        if let Err(error) = acting.store().withdraw(index, id, *version).await {
            let error = &described(&error);
            LockNotReleased { id, error }.log();
        }
    }
}
