//! A dashboard for Grafana, made from what the metrics are declared as: one row to look at first, and a panel for every metric.

use serde_json::{Value, json};

use super::families;
use super::family::{Family, Kind};

/// The instances that are chosen, in a selector.
const CHOSEN: &str = r#"instance=~"$instance""#;

/// How wide Grafana's grid is, and a panel in it; how high one is.
const GRID: usize = 24;
const WIDTH: usize = 8;
const HEIGHT: usize = 7;

/// A panel.
struct Panel {
    title: String,
    about: String,
    unit: &'static str,
    /// What is drawn: expressions with their legends.
    lines: Vec<(String, String)>,
}

/// What one looks at first: a title, what it says, a unit, an expression in which `$selector` is that of the chosen instances, and
/// its legend.
const FIRST: &[[&str; 5]] = &[
    [
        "Ready",
        "Whether each gateway is of use to new clients.",
        "bool_yes_no",
        "anomaly_gateway_ready{$selector}",
        "{{instance}}",
    ],
    [
        "Requests",
        "Requests that have ended, by what became of them.",
        "reqps",
        "sum by (outcome) (rate(anomaly_gateway_requests_total{$selector}[$__rate_interval]))",
        "{{outcome}}",
    ],
    [
        "Share of requests that fail",
        "At the nodes or in the gateway.",
        "percentunit",
        r#"sum(rate(anomaly_gateway_requests_total{outcome=~"node_gone|node_timeout|unavailable|failed",$selector}[$__rate_interval])) / sum(rate(anomaly_gateway_requests_total{$selector}[$__rate_interval]))"#,
        "failed",
    ],
    [
        "The gateway's own part of the time, slowest hundredth",
        "Of forwarded and of claimed requests, without what nodes and clients took.",
        "s",
        "histogram_quantile(0.99, sum by (claimed, le) (rate(anomaly_gateway_request_own_duration_seconds_bucket{$selector}[$__rate_interval])))",
        "claimed {{claimed}}",
    ],
    [
        "Decisions",
        "Claimed requests, by verdict.",
        "reqps",
        "sum by (verdict) (rate(anomaly_gateway_decisions_total{$selector}[$__rate_interval]))",
        "{{verdict}}",
    ],
    [
        "Violations by policy",
        "In the last hour.",
        "short",
        "sum by (policy, enforcement) (increase(anomaly_gateway_policy_violations_total{$selector}[1h]))",
        "{{policy}} ({{enforcement}})",
    ],
];

/// The dashboard, as Grafana imports it.
#[must_use]
pub fn dashboard() -> Value {
    let first = FIRST.iter().map(|[title, about, unit, expression, legend]| Panel {
        title: (*title).to_owned(),
        about: (*about).to_owned(),
        unit,
        lines: vec![(expression.replace("$selector", CHOSEN), (*legend).to_owned())],
    });
    let rows: [(&str, Vec<Panel>); 5] = [
        ("At a glance", first.collect()),
        ("Requests and connections", panels(families::COUNTED_BY_WORKERS)),
        ("State", panels(families::LOOKED_UP)),
        ("Decisions, policies and files", panels(families::RECORDED)),
        ("Process", panels(families::PROCESS)),
    ];
    let mut shown = Vec::new();
    let mut y = 0;
    for (title, panels) in rows {
        shown.push(json!({
            "type": "row", "title": title, "collapsed": false, "panels": [], "id": shown.len() + 1,
            "gridPos": {"x": 0, "y": y, "w": GRID, "h": 1}
        }));
        y += 1;
        for (place, panel) in panels.iter().enumerate() {
            let x = place * WIDTH % GRID;
            if place > 0 && x == 0 {
                y += HEIGHT;
            }
            shown.push(panel.shown(shown.len() + 1, [x, y]));
        }
        y += HEIGHT;
    }
    json!({
        "title": "anomaly-gateway",
        "uid": "anomaly-gateway",
        "description": "Written by `anomaly-gateway schema dashboard` from the metrics that the gateway declares.",
        "tags": ["anomaly-gateway"],
        "schemaVersion": 39,
        "editable": true,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"},
            {
                "name": "instance", "type": "query", "label": "Gateway", "datasource": source(), "refresh": 2, "multi": true,
                "includeAll": true, "allValue": ".*", "current": {"text": "All", "value": "$__all"},
                "query": {"query": "label_values(anomaly_gateway_build_info, instance)", "refId": "instances"}
            }
        ]},
        "panels": shown
    })
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

impl Panel {
    fn shown(&self, id: usize, [x, y]: [usize; 2]) -> Value {
        let targets = self.lines.iter().zip('A'..='Z').map(|((expression, legend), letter)| {
            json!({"refId": letter.to_string(), "expr": expression, "legendFormat": legend, "datasource": source()})
        });
        json!({
            "type": "timeseries", "id": id, "title": self.title, "description": self.about, "datasource": source(),
            "gridPos": {"x": x, "y": y, "w": WIDTH, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": self.unit}, "overrides": []},
            "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
            "targets": targets.collect::<Vec<_>>()
        })
    }
}

fn panels(families: &[&Family]) -> Vec<Panel> {
    families.iter().map(|family| panel(family)).collect()
}

/// The panel of a metric.
fn panel(family: &Family) -> Panel {
    let name = family.name;
    let labels: Vec<&str> = family.labels.iter().map(|label| label.name).collect();
    let series = format!("{name}{{{CHOSEN}}}");
    let by = |labels: &[&str]| match labels {
        [] => "sum".to_owned(),
        labels => format!("sum by ({})", labels.join(", ")),
    };
    let legend = |labels: &[&str]| {
        labels
            .iter()
            .map(|label| format!("{{{{{label}}}}}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let of_instance = legend(&[&["instance"], labels.as_slice()].concat());
    let (unit, lines) = match family.kind {
        Kind::Counter => {
            let unit = match family.unit {
                "bytes" => "Bps",
                // Of each second so much: 100 % is a processor.
                "seconds" => "percentunit",
                _ => "ops",
            };
            let expression = format!("{} (rate({series}[$__rate_interval]))", by(&labels));
            (unit, vec![(expression, legend(&labels))])
        }
        // A point in time is drawn as how far away it is.
        Kind::Gauge if name.ends_with("_not_after_seconds") => ("s", vec![(format!("{series} - time()"), of_instance)]),
        Kind::Gauge if name.ends_with("_completed_seconds") || name.ends_with("_start_time_seconds") => {
            ("s", vec![(format!("time() - {series}"), of_instance)])
        }
        Kind::Gauge => {
            let unit = match family.unit {
                "bytes" => "bytes",
                "seconds" => "s",
                "0 or 1" => "bool_yes_no",
                _ => "short",
            };
            (unit, vec![(series, of_instance)])
        }
        Kind::Histogram => {
            let selected = format!("{name}_bucket{{{CHOSEN}}}");
            let by = by(&[labels.as_slice(), &["le"]].concat());
            let line = |share: &str| {
                let expression = format!("histogram_quantile({share}, {by} (rate({selected}[$__rate_interval])))");
                (
                    expression,
                    format!("{} {share}", legend(&labels)).trim_start().to_owned(),
                )
            };
            ("s", ["0.5", "0.9", "0.99"].map(line).to_vec())
        }
    };
    Panel {
        title: title(name),
        about: family.help.to_owned(),
        unit,
        lines,
    }
}

/// The name of a metric, as a heading.
fn title(name: &str) -> String {
    let mut words = name.trim_start_matches("anomaly_gateway_");
    for suffix in ["_total", "_seconds", "_bytes", "_info"] {
        words = words.strip_suffix(suffix).unwrap_or(words);
    }
    let words = words.replace('_', " ");
    let mut characters = words.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::promql;
    use super::*;

    /// Every expression of the dashboard, with what Grafana puts in.
    fn expressions(dashboard: &Value) -> Vec<String> {
        let panels = dashboard["panels"].as_array().expect("panels");
        let targets = panels.iter().filter_map(|panel| panel["targets"].as_array());
        let expressions = targets.flatten().filter_map(|target| target["expr"].as_str());
        expressions
            .map(|expression| expression.replace("$__rate_interval", "1m"))
            .collect()
    }

    #[test]
    fn every_metric_has_a_panel_and_every_expression_is_promql() {
        let mut shown = BTreeSet::new();
        for expression in expressions(&dashboard()) {
            let used = promql::check(&expression).unwrap_or_else(|fault| panic!("{expression}: {fault}"));
            shown.extend(used);
        }
        let declared: BTreeSet<_> = families::all().map(|family| family.name).collect();
        assert_eq!(shown, declared);
    }

    #[test]
    fn panels_do_not_overlap_and_have_ids_of_their_own() {
        let dashboard = dashboard();
        let panels = dashboard["panels"].as_array().expect("panels");
        let ids: BTreeSet<u64> = panels.iter().filter_map(|panel| panel["id"].as_u64()).collect();
        assert_eq!(ids.len(), panels.len());
        let mut taken = BTreeSet::new();
        for panel in panels {
            let place = |name: &str| panel["gridPos"][name].as_u64().expect("a number");
            let (x, y, w, h) = (place("x"), place("y"), place("w"), place("h"));
            assert!(x + w <= GRID as u64, "{panel}");
            for cell in (y..y + h).flat_map(|y| (x..x + w).map(move |x| (x, y))) {
                assert!(taken.insert(cell), "{panel}");
            }
        }
    }

    #[test]
    fn names_become_headings() {
        assert_eq!(title("anomaly_gateway_requests_total"), "Requests");
        assert_eq!(title("anomaly_gateway_body_budget_used_bytes"), "Body budget used");
    }
}
