//! Hostile requests for the call that the gateway answers itself.

use anyhow::ensure;

use super::hostile::{Hostile, Memory, Size};
use super::request::ask;
use crate::gateway::Gateway;

const TARGET: &str = "/_ml/anomaly_detectors/hostile";

/// All of them.
pub(super) fn rows(size: Size) -> Vec<Hostile> {
    let megabytes = match size {
        Size::Full => 10,
        Size::Short => 1,
    };
    let ones = job_of_ones(megabytes * 1024 * 1024);
    vec![Hostile {
        name: "create".to_owned(),
        settings: "",
        memory: Memory::Shown,
        attack: put("", &[], ones, 200),
    }]
}

/// Sends a body to the call, with this query and these fields, and expects this status.
fn put(
    query: &'static str,
    fields: &'static [(&'static str, &'static str)],
    body: Vec<u8>,
    expected: u16,
) -> super::hostile::Attack {
    Box::new(move |gateway: &Gateway| {
        let json = ("Content-Type", "application/json");
        let fields = [&[json], fields].concat();
        let answered = ask(gateway.address, "PUT", &format!("{TARGET}{query}"), &fields, &body)?;
        ensure!(answered.status == expected, "{answered:?} in place of {expected}");
        Ok(())
    })
}

/// A job of about so many bytes, which has a list of ones: no value is shorter.
fn job_of_ones(size: usize) -> Vec<u8> {
    let ones = vec!["1"; size / 2].join(",");
    format!(
        "{{\"analysis_config\":{{\"detectors\":[{{\"function\":\"count\"}}]}},\"data_description\":{{}},\
         \"custom_settings\":{{\"a\":[{ones}]}}}}"
    )
    .into_bytes()
}
