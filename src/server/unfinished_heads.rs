//! What the heads of requests that have not ended yet take of memory, all connections of a worker together.
//!
//! Nobody has to log in to send half a head. When all of them have more bytes than they may, those that began first are
//! given up: an honest head is whole after some milliseconds, so that it is never among them for long.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::task::Waker;

use crate::http::request_stream::UnfinishedHead;

/// The unfinished heads of one worker.
#[derive(Clone)]
pub(super) struct UnfinishedHeads(Rc<State>);

struct State {
    /// How many bytes they may have, all together.
    limit: usize,
    held: Cell<usize>,
    /// The number of the head that begins next: the later, the higher.
    next: Cell<u64>,
    heads: RefCell<BTreeMap<u64, Unfinished>>,
}

struct Unfinished {
    head: UnfinishedHead,
    bytes: usize,
    /// Wakes its connection.
    waker: Waker,
}

/// The head that a connection is about to receive, if there is one.
pub(super) struct HeldHead {
    all: UnfinishedHeads,
    number: Option<u64>,
}

impl UnfinishedHeads {
    /// None yet, and no more than `limit` bytes of them ever.
    pub(super) fn new(limit: usize) -> Self {
        Self(Rc::new(State {
            limit,
            held: Cell::new(0),
            next: Cell::new(0),
            heads: RefCell::default(),
        }))
    }

    /// The place for the head of one connection.
    pub(super) fn place(&self) -> HeldHead {
        let all = self.clone();
        HeldHead { all, number: None }
    }

    fn give_up_the_oldest(&self) {
        let State { limit, held, heads, .. } = &*self.0;
        let mut heads = heads.borrow_mut();
        while held.get() > *limit
            && let Some((_, given_up)) = heads.pop_first()
        {
            held.set(held.get() - given_up.bytes);
            // At once: before its connection's turn comes, many others may have read as much.
            given_up.head.take();
            given_up.waker.wake();
        }
    }
}

impl HeldHead {
    /// This head has so many bytes by now, and has not ended. When it is given up, perhaps at once, its bytes are gone, and
    /// `waker` wakes its connection.
    pub(super) fn hold(&mut self, head: &UnfinishedHead, bytes: usize, waker: &Waker) {
        if self.is_given_up() {
            return;
        }
        let State { held, next, heads, .. } = &*self.all.0;
        let number = *self.number.get_or_insert_with(|| next.replace(next.get() + 1));
        let (head, waker) = (head.clone(), waker.clone());
        let before = heads.borrow_mut().insert(number, Unfinished { head, bytes, waker });
        held.set(held.get() + bytes - before.map_or(0, |before| before.bytes));
        self.all.give_up_the_oldest();
    }

    /// Whether it is not to be waited for any more.
    pub(super) fn is_given_up(&self) -> bool {
        self.number
            .is_some_and(|number| !self.all.0.heads.borrow().contains_key(&number))
    }

    /// The head has ended.
    pub(super) fn release(&mut self) {
        if let Some(number) = self.number.take()
            && let Some(head) = self.all.0.heads.borrow_mut().remove(&number)
        {
            self.all.0.held.set(self.all.0.held.get() - head.bytes);
        }
    }
}

impl Drop for HeldHead {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(place: &mut HeldHead, bytes: usize) -> UnfinishedHead {
        let head = UnfinishedHead::new(Cell::new(vec![b'a'; bytes]));
        place.hold(&head, bytes, Waker::noop());
        head
    }

    #[test]
    fn the_oldest_make_room_for_the_newest() {
        let all = UnfinishedHeads::new(100);
        let mut places = [all.place(), all.place(), all.place()];
        let heads = places.each_mut().map(|place| {
            hold(place, 10);
            hold(place, 40)
        });
        let given_up = places.each_ref().map(HeldHead::is_given_up);
        assert_eq!(given_up, [true, false, false]);
        assert_eq!(
            heads.map(|head| head.take().len()),
            [0, 40, 40],
            "what it had is free at once"
        );
        let [first, second, third] = &mut places;
        hold(second, 90);
        assert!(second.is_given_up(), "it is the older one, though it has grown last");
        hold(first, 1);
        assert!(first.is_given_up(), "once given up, it stays so");
        assert!(!third.is_given_up());
        assert_eq!(all.0.held.get(), 40);
    }

    #[test]
    fn what_has_ended_gives_its_room_back() {
        let all = UnfinishedHeads::new(100);
        let (mut ended, mut left) = (all.place(), all.place());
        hold(&mut ended, 60);
        ended.release();
        assert!(!ended.is_given_up());
        hold(&mut left, 100);
        assert!(!left.is_given_up());
        drop(left);
        assert_eq!((all.0.held.get(), all.0.heads.borrow().len()), (0, 0));
        hold(&mut ended, 101);
        assert!(ended.is_given_up(), "one alone has no more room than all");
    }
}
