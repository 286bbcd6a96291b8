//! What the nodes saw. Each entry leaves its node before the node does anything else, so that it outlives the node.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// What a node saw of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Its head.
    Head,
    /// The head of one that changes nothing and has no body. The gateway may send it once more.
    Repeatable,
    /// The whole of it.
    Whole,
    /// A body that is not the one that was sent.
    WrongBytes,
    /// Its answer will not be whole: the node makes a fault.
    Broken,
}

const WORDS: [(Seen, &str); 5] = [
    (Seen::Head, "head"),
    (Seen::Repeatable, "repeatable"),
    (Seen::Whole, "whole"),
    (Seen::WrongBytes, "wrong"),
    (Seen::Broken, "broken"),
];

/// Where a node writes its entries.
pub(crate) struct JournalWriter(Box<dyn Write + Send>);

impl JournalWriter {
    pub(crate) fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Box::new(writer))
    }

    /// Says that the node listens.
    pub(crate) fn ready(&mut self) -> io::Result<()> {
        self.0.write_all(b"ready\n")?;
        self.0.flush()
    }

    /// Writes an entry, in one piece.
    pub(crate) fn write(&mut self, seen: Seen, id: u64) -> io::Result<()> {
        let word = WORDS
            .iter()
            .find(|(entry, _)| *entry == seen)
            .map_or("", |(_, word)| *word);
        self.0.write_all(format!("{word} {id}\n").as_bytes())?;
        self.0.flush()
    }
}

/// What all nodes saw of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) heads: u8,
    pub(crate) is_repeatable: bool,
    pub(crate) whole: u8,
    pub(crate) wrong_bytes: bool,
    pub(crate) broken: bool,
}

/// The entries of all nodes, by request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<Record>>>);

impl Journal {
    /// Reads a node's entries to their end, and says when the node is ready.
    pub(crate) fn follow(&self, entries: impl Read, mut ready: impl FnMut()) {
        for line in BufReader::new(entries).lines().map_while(Result::ok) {
            if line == "ready" {
                ready();
            } else if let Some((word, id)) = line.split_once(' ')
                && let Some((seen, _)) = WORDS.iter().find(|(_, entry)| *entry == word)
                && let Ok(id) = id.parse::<usize>()
            {
                self.note(*seen, id);
            }
        }
    }

    fn note(&self, seen: Seen, id: usize) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() <= id {
            records.resize(id + 1, Record::default());
        }
        if let Some(record) = records.get_mut(id) {
            match seen {
                Seen::Head => record.heads = record.heads.saturating_add(1),
                Seen::Repeatable => {
                    record.heads = record.heads.saturating_add(1);
                    record.is_repeatable = true;
                }
                Seen::Whole => record.whole = record.whole.saturating_add(1),
                Seen::WrongBytes => record.wrong_bytes = true,
                Seen::Broken => record.broken = true,
            }
        }
    }

    /// What was seen of a request.
    pub(crate) fn record(&self, id: u64) -> Record {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let record = usize::try_from(id).ok().and_then(|id| records.get(id));
        record.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let (reader, writer) = io::pipe().unwrap();
        let mut writer = JournalWriter::new(writer);
        writer.ready().unwrap();
        for seen in [Seen::Head, Seen::Head, Seen::Whole, Seen::Broken] {
            writer.write(seen, 3).unwrap();
        }
        drop(writer);
        let journal = Journal::default();
        let mut ready = 0;
        journal.follow(reader, || ready += 1);
        let expected = Record {
            heads: 2,
            is_repeatable: false,
            whole: 1,
            wrong_bytes: false,
            broken: true,
        };
        assert_eq!(
            (ready, journal.record(3), journal.record(4)),
            (1, expected, Record::default())
        );
    }
}
