//! Goes through the file's keys and finds the unknown, the duplicate and the misplaced.

use super::document::{Content, Node};
use super::key::KeyReference;
use super::problem::Problem;
use super::suggestion::suggestion;

/// Every problem that the file's keys have.
pub(super) fn problems(root: &Node, known: &[KeyReference]) -> Vec<Problem> {
    let mut check = KeyCheck {
        known,
        problems: Vec::new(),
    };
    check.section(root, "");
    check.problems
}

/// The keys so far.
struct KeyCheck<'a> {
    known: &'a [KeyReference],
    problems: Vec<Problem>,
}

impl KeyCheck<'_> {
    /// A mapping whose keys are all known by `prefix` and their own name.
    fn section(&mut self, node: &Node, prefix: &str) {
        let entries = match &node.content {
            Content::Mapping(entries) => entries,
            // A section of which every key is commented out.
            _ if node.is_null() => return,
            _ => return self.refuse_section(node, prefix),
        };
        let mut seen: Vec<(&str, &Node)> = Vec::new();
        for (key, value) in entries {
            let Content::Scalar(name) = &key.content else {
                let message = format!("a key of the configuration is a word, not {}", key.found());
                self.problems.push(Problem::new(&key.place, message));
                continue;
            };
            if let Some((_, first)) = seen.iter().find(|(text, _)| *text == name.text) {
                let message = format!("the key `{prefix}{}` is given twice", name.text);
                let problem = Problem::new(&key.place, message)
                    .label("given again")
                    .related(&first.place, "first given");
                self.problems.push(problem);
                continue;
            }
            seen.push((&name.text, key));
            self.entry(key, value, &format!("{prefix}{}", name.text));
        }
    }

    /// A key with its value; `path` is where it is in the file.
    fn entry(&mut self, key: &Node, value: &Node, path: &str) {
        if self.known.iter().any(|known| known.path == path) {
            return;
        }
        let prefix = format!("{path}.");
        if self.known.iter().any(|known| known.path.starts_with(&prefix)) {
            return self.section(value, &prefix);
        }
        let candidates = self.known.iter().map(|known| known.path);
        let help = suggestion(path, candidates).map(|known| format!("did you mean `{known}`?"));
        let section = path.rfind('.').map_or("", |dot| path.get(..=dot).unwrap_or_default());
        let help = help.unwrap_or_else(|| format!("known here: {}", self.names_in(section)));
        self.problems
            .push(Problem::new(&key.place, format!("unknown key `{path}`")).help(Some(help)));
    }

    /// Something stands where the section `prefix` belongs.
    fn refuse_section(&mut self, node: &Node, prefix: &str) {
        let names = self.names_in(prefix);
        let found = node.found();
        let message = match prefix.strip_suffix('.') {
            Some(path) => format!("`{path}`: expected a section with keys, found {found}"),
            None => format!("the configuration is a mapping of keys to values, not {found}"),
        };
        let problem = Problem::new(&node.place, message)
            .label(found)
            .help(Some(format!("known here: {names}")));
        self.problems.push(problem);
    }

    /// The names that can stand in a section, for people.
    fn names_in(&self, prefix: &str) -> String {
        let mut names: Vec<String> = self
            .known
            .iter()
            .filter_map(|known| known.path.strip_prefix(prefix)?.split('.').next())
            .map(|name| format!("`{name}`"))
            .collect();
        names.dedup();
        names.join(", ")
    }
}
