//! Finds the known name that a mistyped one was probably meant to be.

/// The known name closest to the typed one, if it is close enough to be meant.
///
/// Names are dotted paths. The last word may be right in the wrong section, and `_`, `-` and `.` count for nothing, so
/// that `index` and `jobs_index` both find `jobs.index`.
pub(super) fn suggestion<'k>(typed: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|candidate| (distance(typed, candidate), candidate))
        .filter(|(distance, _)| distance.is_some())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How far apart two names are, unless that is too far for a slip.
fn distance(typed: &str, candidate: &str) -> Option<usize> {
    let in_full = slips(&bare(typed), &bare(candidate));
    // Another section is one slip more, so that of two equal words the one nearby is preferred.
    let last_words = slips(&bare(last_word(typed)), &bare(last_word(candidate))).map(|slips| slips + 1);
    in_full.into_iter().chain(last_words).min()
}

/// The number of typing slips between two words: at most one in three characters.
fn slips(typed: &str, candidate: &str) -> Option<usize> {
    let slips = strsim::damerau_levenshtein(typed, candidate);
    let most = candidate.chars().count().min(typed.chars().count()) / 3;
    (slips <= most).then_some(slips)
}

fn last_word(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn bare(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '.' | '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["listen", "upstream.nodes", "jobs.index", "jobs.api"];
        for (typed, meant) in [
            ("lisen", Some("listen")),
            ("Listen", Some("listen")),
            ("upstream.node", Some("upstream.nodes")),
            ("nodes", Some("upstream.nodes")),
            ("jobs.indx", Some("jobs.index")),
            ("jobs.idnex", Some("jobs.index")),
            ("jobs_index", Some("jobs.index")),
            ("index", Some("jobs.index")),
            ("job.api", Some("jobs.api")),
            ("upstream.api", Some("jobs.api")),
            ("tls", None),
            ("port", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(suggestion(typed, known.into_iter()), meant, "{typed:?}");
        }
    }
}
