//! The values that hold, key by key, for whoever wants to know what has changed.

/// The value of each key, as it is shown. In none of them is a secret: those are in files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(Vec<(&'static str, String)>);

impl Values {
    /// Adds the value of a key.
    pub(super) fn note(&mut self, path: &'static str, value: String) {
        self.0.push((path, value));
    }

    /// The keys that have another value there.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<&'static str> {
        let others = |key: &(&'static str, String)| !other.0.contains(key);
        self.0.iter().filter(|key| others(key)).map(|(path, _)| *path).collect()
    }

    /// Takes these keys' values from there.
    pub fn take_over(&mut self, keys: &[&'static str], other: &Self) {
        for (path, value) in self.0.iter_mut().filter(|(path, _)| keys.contains(path)) {
            if let Some((_, new)) = other.0.iter().find(|(other, _)| other == path) {
                value.clone_from(new);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_over_has_not_changed_any_more() {
        let values = |pairs: &[(&'static str, &str)]| {
            Values(pairs.iter().map(|(path, value)| (*path, (*value).to_owned())).collect())
        };
        let mut old = values(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let new = values(&[("a", "1"), ("b", "4"), ("c", "5")]);
        assert_eq!(old.changed(&new), ["b", "c"]);
        old.take_over(&["b"], &new);
        assert_eq!(old.changed(&new), ["c"]);
    }
}
