//! `cargo xtask dashboard`: the dashboard, looked at in a real browser.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::cargo;

/// What it takes, and how one gets it.
const PROGRAM: &str = "chromedriver";
const PACKAGES: &str = "Debian's packages `chromium` and `chromium-driver`";

/// The pictures of it that the documentation has: as it was taken, and as it is called there.
const PUBLISHED: (&str, &str) = ("figures-1024-light.png", "docs/images/dashboard.png");

/// How many bytes that may have.
const MAX_PICTURE: u64 = 150_000;

/// Runs the test that looks at it, and shows where its pictures are.
pub fn run(publish: bool) -> anyhow::Result<()> {
    anyhow::ensure!(is_possible(), "there is no `{PROGRAM}`: install {PACKAGES}");
    let folder = cargo::target().join("dashboard");
    let test = [
        "test",
        "--locked",
        // As the test command is: of another selection of packages cargo would compile the gateway a second time.
        "--workspace",
        "--test",
        "it",
        "--",
        "dashboard::seen::",
        "--include-ignored",
        "--nocapture",
    ];
    cargo::run(&test, &[("DASHBOARD_PICTURES", &folder.to_string_lossy())])?;
    if publish {
        let (taken, file) = PUBLISHED;
        put(&folder.join(taken), &cargo::workspace().join(file))?;
    }
    Ok(())
}

/// Puts a picture there, with so few colours that each takes a byte: a browser writes three of each, and hardly packs them.
fn put(taken: &Path, file: &Path) -> anyhow::Result<()> {
    let mut reader =
        png::Decoder::new(BufReader::new(File::open(taken).context("there is no picture")?)).read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let info = reader.next_frame(&mut pixels)?;
    anyhow::ensure!(
        info.color_type == png::ColorType::Rgb,
        "the picture has other colours than red, green and blue"
    );
    let (palette, indices) = few_colours(&pixels)?;
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(file)?), info.width, info.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_palette(palette);
    encoder.write_header()?.write_image_data(&indices)?;
    let length = fs::metadata(file)?.len();
    anyhow::ensure!(
        length <= MAX_PICTURE,
        "{} has {length} bytes, and {MAX_PICTURE} are allowed",
        file.display()
    );
    println!("== {} has {length} bytes", file.display());
    Ok(())
}

/// The most exact palette of at most 256 colours that rounding gives, and the place of each pixel in it.
fn few_colours(pixels: &[u8]) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    for bits in 0..7 {
        let mut places: HashMap<Vec<u8>, u8> = HashMap::new();
        let mut palette = Vec::new();
        let rounded = pixels
            .chunks_exact(3)
            .map(|colour| -> Vec<u8> { colour.iter().map(|part| rounded(*part, bits)).collect() });
        let indices: Option<Vec<u8>> = rounded
            .map(|colour| {
                if let Some(place) = places.get(&colour) {
                    return Some(*place);
                }
                let place = u8::try_from(places.len()).ok()?;
                palette.extend(&colour);
                places.insert(colour, place);
                Some(place)
            })
            .collect();
        if let Some(indices) = indices {
            return Ok((palette, indices));
        }
    }
    anyhow::bail!("the picture has too many colours")
}

/// A part of a colour without its last bits; black and white stay what they are.
fn rounded(part: u8, bits: u32) -> u8 {
    let most = u32::from(u8::MAX >> bits);
    u8::try_from((u32::from(part) >> bits) * u32::from(u8::MAX) / most).unwrap_or(u8::MAX)
}

/// Says that the dashboard was not looked at.
pub fn remind() {
    if is_possible() {
        println!("== dashboard: `cargo xtask dashboard` looks at it in a browser");
    } else {
        println!(
            "== dashboard: not looked at, as there is no `{PROGRAM}`: install {PACKAGES}, and run `cargo xtask dashboard`"
        );
    }
}

/// Whether there is a browser that can be driven.
fn is_possible() -> bool {
    let mut version = Command::new(PROGRAM);
    version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}
