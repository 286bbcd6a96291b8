//! The page of the configuration: every key with its value, its default and its effect, in Markdown.

use super::key::KeyReference;

const HEAD: &str = "# Configuration

Every key of `gateway.yml`, the file that `--config` or `ANOMALY_GATEWAY_CONFIG` names, with what holds without it. Every key
has an environment variable as well, and some have a flag. A flag beats the variable, which beats the file. The variable is
called after the key, in upper case after `ANOMALY_GATEWAY_` and with `_` between the words: `shutdown.delay` is
`ANOMALY_GATEWAY_SHUTDOWN_DELAY`. Only `upstream.nodes` and `log.level` have shorter ones, like their flags. A variable that
starts so and belongs to no key is a mistake, and so is one that is empty. A list is a list or a single value in the file, and
separated by commas in a flag or a variable; such a flag may also be repeated.

Times have a unit (`500ms`, `30s`, `1m 30s`), and so do sizes (`64kb`, `128mb`; a kb has 1024 bytes). Paths in
`gateway.yml` are relative to its folder, those in flags and variables to the working directory. Every mistake is reported,
with its place, before the gateway starts; `anomaly-gateway check --config gateway.yml` only looks for them. For an editor,
`anomaly-gateway schema config` prints the file's JSON Schema.

This page is printed by `anomaly-gateway schema keys`.
";

/// The page of these keys, in their order, with a heading for each section.
pub(super) fn of(keys: &[KeyReference]) -> String {
    let mut page = HEAD.to_owned();
    let mut section = None;
    for key in keys {
        let of_key = key.path.split_once('.').map_or("", |(section, _)| section);
        if section != Some(of_key) {
            section = Some(of_key);
            let title = match of_key {
                "" => "The gateway itself".to_owned(),
                name => format!("`{name}`"),
            };
            page.extend(["\n## ", &title, "\n"]);
        }
        page.push_str(&entry(key));
    }
    page
}

/// A key under a heading of its own, so that it can be linked to.
fn entry(key: &KeyReference) -> String {
    let list = if key.is_list { ", or a list of such" } else { "" };
    let default = match key.default.as_str() {
        "" => "nothing".to_owned(),
        default => format!("`{default}`"),
    };
    let flag = key.name.map(|name| format!("`--{name}` and ")).unwrap_or_default();
    let elsewhere = format!("\n- Also {flag}`{}`", key.environment_variable());
    let detail = match key.detail {
        "" => String::new(),
        detail => format!(" {detail}"),
    };
    let KeyReference {
        path,
        meaning,
        expected,
        ..
    } = key;
    format!("\n### `{path}`\n\n{meaning}{detail}\n\n- Value: {expected}{list}\n- Without it: {default}{elsewhere}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_on_the_page_once() {
        let keys = crate::config::reference();
        let page = of(&keys);
        for key in &keys {
            let heading = format!("\n### `{}`\n", key.path);
            assert_eq!(page.matches(&heading).count(), 1, "{heading}");
        }
    }
}
