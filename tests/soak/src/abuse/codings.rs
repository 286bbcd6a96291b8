//! Hostile bodies in codings: what is decoded is little, and takes long.

use std::io::Write;

use anyhow::ensure;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::hostile::{Hostile, Memory, Size};
use super::request::ask;
use crate::gateway::Gateway;

/// All of them.
pub(super) fn rows(size: Size) -> Vec<Hostile> {
    let members = if size == Size::Full { 500_000 } else { 50_000 };
    let blocks = if size == Size::Full { 2_000_000 } else { 200_000 };
    vec![
        row("empty members of gzip", empty_members(members), &[400]),
        // An empty block has five bytes.
        row("empty blocks of deflate", empty_blocks(blocks), &[200, 400]),
        row("bomb over the limit", bomb(110 * 1024 * 1024), &[413]),
    ]
}

fn row(name: &str, body: Vec<u8>, expected: &'static [u16]) -> Hostile {
    Hostile {
        name: name.to_owned(),
        settings: "",
        policies: None,
        // The body is there twice while it grows; so is what is decoded, of 100 MiB at most.
        memory: Memory::Bytes(3 * body.len() as u64 + 224 * 1024 * 1024),
        attack: Box::new(move |gateway: &Gateway| {
            let fields = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
            let target = "/_ml/anomaly_detectors/hostile?dry_run";
            let answered = ask(gateway.address, "PUT", target, &fields, &body)?;
            ensure!(
                expected.contains(&answered.status),
                "{answered:?} in place of {expected:?}"
            );
            Ok(())
        }),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes it.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn empty_members(count: usize) -> Vec<u8> {
    [gzip(b"").repeat(count), gzip(b"{}")].concat()
}

/// A member with so many blocks that have nothing in them, and what makes it one whose check sum is right.
fn empty_blocks(count: usize) -> Vec<u8> {
    let head = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
    let last = [1, 0, 0, 0xFF, 0xFF];
    [head.as_slice(), &[0, 0, 0, 0xFF, 0xFF].repeat(count), &last, &[0; 8]].concat()
}

fn bomb(size: usize) -> Vec<u8> {
    gzip(&vec![b' '; size])
}
