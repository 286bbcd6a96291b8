//! A thread beside the workers, for what is judged once a client need not wait for it: whatever that does can never slow,
//! fail or change an answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::{io, thread};

use crate::telemetry::events::policies::{AuditPanicked, NotAudited};

/// How many tasks may wait. When they come faster than they are done, some are left out.
const MOST_WAITING: usize = 256;

/// Where tasks are handed in.
#[derive(Clone)]
pub struct Background(SyncSender<Task>);

/// Something to do.
struct Task {
    id: String,
    work: Box<dyn FnOnce() + Send>,
}

impl Background {
    /// Starts the thread. It ends once nobody can hand in anything any more.
    pub fn start() -> io::Result<Self> {
        let (queue, waiting) = mpsc::sync_channel(MOST_WAITING);
        thread::Builder::new()
            .name("background".to_owned())
            .spawn(move || work(&waiting))?;
        Ok(Self(queue))
    }

    /// Hands in what there is to do about the job of this id, unless too much waits already.
    pub(super) fn put(&self, id: String, work: impl FnOnce() + Send + 'static) {
        let work = Box::new(work);
        if let Err(mpsc::TrySendError::Full(task) | mpsc::TrySendError::Disconnected(task)) =
            self.0.try_send(Task { id, work })
        {
            leave_out(&task.id, "too many wait");
        }
    }
}

/// Says that a job is not judged again.
pub(super) fn leave_out(id: &str, reason: &str) {
    NotAudited { id, reason }.emit();
}

fn work(waiting: &Receiver<Task>) {
    for Task { id, work } in waiting {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            AuditPanicked { id: &id }.log();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_task_that_panics_is_followed_by_the_next_one() {
        let (done, doing) = mpsc::channel();
        let background = Background::start().expect("a thread");
        background.put("bad".to_owned(), || panic!("this panics on purpose"));
        background.put("good".to_owned(), move || done.send(()).expect("the test is there"));
        assert_eq!(doing.recv_timeout(PATIENCE), Ok(()));
    }

    /// What is handed in comes back at once, and what waits is bounded.
    #[test]
    fn a_task_that_never_ends_holds_up_nobody() {
        let (begun, begins) = mpsc::channel();
        let (_never, end) = mpsc::channel::<()>();
        let background = Background::start().expect("a thread");
        background.put("endless".to_owned(), move || {
            begun.send(()).expect("the test is there");
            let _ = end.recv();
        });
        begins.recv_timeout(PATIENCE).expect("it begins");
        let kept = Arc::new(());
        for _ in 0..MOST_WAITING + 10 {
            let kept = Arc::clone(&kept);
            background.put("another".to_owned(), move || drop(kept));
        }
        assert_eq!(Arc::strong_count(&kept), 1 + MOST_WAITING);
    }
}
