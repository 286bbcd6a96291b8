//! A configuration that is exchanged as a whole while connections are made with it.

use std::sync::Arc;

use tokio::sync::watch;

/// The configuration as it is now. What was made with an earlier one keeps that one.
#[derive(Debug)]
pub struct Current<T>(watch::Receiver<Arc<T>>);

/// Exchanges it.
#[derive(Debug)]
pub struct Exchange<T>(watch::Sender<Arc<T>>);

/// A configuration to begin with.
#[must_use]
pub fn current<T>(first: Arc<T>) -> (Exchange<T>, Current<T>) {
    let (sender, receiver) = watch::channel(first);
    (Exchange(sender), Current(receiver))
}

impl<T> Current<T> {
    /// What holds now.
    #[must_use]
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.borrow())
    }
}

impl<T> Clone for Current<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Exchange<T> {
    /// From now on this one holds.
    pub fn set(&self, next: Arc<T>) {
        self.0.send_replace(next);
    }
}
