//! Pages that name tests as proof.
use crate::setup::Result;
use std::path::Path;

/// Every link of the page whose text is the name of a function: the file has that function.
#[test]
fn each_promise_names_a_test_that_there_is() -> Result {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let page = std::fs::read_to_string(docs.join("security.md"))?;
    let mut proofs = 0;
    for link in page.split('[').skip(1) {
        let Some((name, rest)) = link.split_once("](") else { continue };
        let Some((file, _)) = rest.split_once(')') else { continue };
        let source =
            std::fs::read_to_string(docs.join(file)).map_err(|error| anyhow::anyhow!("{file}: {error}"))?;
        anyhow::ensure!(source.contains(&format!("fn {name}(")), "{file} has no test {name}");
        proofs += 1;
    }
    anyhow::ensure!(proofs > 40, "only {proofs} proofs were found");
    for line in page.lines().filter(|line| line.starts_with("| ") && line.contains("](")) {
        anyhow::ensure!(line.ends_with(") |"), "a promise without a proof: {line}");
    }
    Ok(())
}
