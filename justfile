# The commands of this tree; each also works by hand.

# What every commit passes.
check:
    cargo fmt --all --check
    cd sdk && cargo fmt --check
    cd connectors && cargo fmt --check
    cd tests/guests && cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# All tests: rooms, the SDK, connectors, and the whole house.
test:
    cargo test --workspace

# The demo: a platform, the runtime, a connector, and a person who talks.
demo *arguments:
    cargo demo {{arguments}}

# Figures side by side.
bench *arguments:
    cargo run --release --bin bench -- {{arguments}}
