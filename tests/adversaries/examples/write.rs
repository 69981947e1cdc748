//! Writes all cases, or those named, into a folder: `cargo run --example write -- FOLDER [CASE…]`.
use anyhow::Context;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("into which folder?")?);
    let wanted: Vec<String> = arguments.collect();
    std::fs::create_dir_all(&folder)?;
    let good: [(&str, adversaries::Make); 2] =
        [("well_behaved", adversaries::well_behaved), ("neighbour", adversaries::neighbour)];
    for (name, make) in adversaries::CASES.iter().chain(&good) {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            let begun = Instant::now();
            let bytes = make().with_context(|| (*name).to_owned())?;
            println!("{name}: {} bytes in {} ms", bytes.len(), begun.elapsed().as_millis());
            std::fs::write(folder.join(name).with_extension("wasm"), bytes)?;
        }
    }
    Ok(())
}
