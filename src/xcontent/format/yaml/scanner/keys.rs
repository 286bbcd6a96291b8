//! Names of members: any token may turn out to be one, as only the colon behind it tells.

use super::{FaultKind, Mark, Scanner, Step, YamlPart, fault};

/// How far behind its start the colon of a name may stand, in characters of one line.
const LONGEST_KEY: usize = 1024;

/// A token that is the name of a member if a colon follows.
pub(super) struct PossibleKey {
    flow_level: i32,
    /// The number of the token among all.
    pub(super) token: usize,
    /// Whether it can be nothing else.
    is_required: bool,
    pub(super) mark: Mark,
}

impl Scanner<'_> {
    pub(super) fn save_key(&mut self) -> Step<()> {
        let is_required = self.flow_level == 0 && self.floor == self.cursor.column() + 1;
        if !self.allows_key {
            return if is_required {
                Err(FaultKind::Yaml {
                    part: YamlPart::Key,
                    message: "a name does not stand behind something else on its line".to_owned(),
                })
            } else {
                Ok(())
            };
        }
        self.remove_key()?;
        self.keys.push_back(PossibleKey {
            flow_level: self.flow_level,
            token: self.taken + self.tokens.len(),
            is_required,
            mark: self.cursor.mark(),
        });
        Ok(())
    }

    /// The name that may have begun on this level.
    pub(super) fn take_key(&mut self) -> Option<PossibleKey> {
        let is_of_level = self.keys.back().is_some_and(|key| key.flow_level == self.flow_level);
        is_of_level.then(|| self.keys.pop_back()).flatten()
    }

    pub(super) fn remove_key(&mut self) -> Step<()> {
        let mark = self.cursor.mark();
        self.take_key().map_or(Ok(()), |key| key.give_up(mark))
    }

    /// Gives up names whose colon can no longer follow.
    pub(super) fn drop_stale_keys(&mut self) -> Step<()> {
        let mark = self.cursor.mark();
        let is_stale = |key: &PossibleKey| key.mark.line != mark.line || mark.index - key.mark.index > LONGEST_KEY;
        while self.keys.front().is_some_and(is_stale) {
            self.keys.pop_front().map_or(Ok(()), |key| key.give_up(mark))?;
        }
        Ok(())
    }
}

impl PossibleKey {
    /// It is no name, and is at fault if it had to be one.
    fn give_up(self, mark: Mark) -> Step<()> {
        if self.is_required {
            Err(fault("a name is followed by a colon", mark))
        } else {
            Ok(())
        }
    }
}
