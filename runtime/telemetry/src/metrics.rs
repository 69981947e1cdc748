//! What the endpoint asks for.
use serde_json::Value;

/// Whoever knows the figures. Asked once per request, on a thread that may block for a moment.
pub trait Source: Send + Sync {
    fn families(&self) -> Vec<Family>;
    fn health(&self) -> Health;
}

/// Figures of one name.
#[derive(Debug, Clone)]
pub struct Family {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, each once; of a counter with `_total` at its end.
    pub name: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Never falls while the process lives.
    Counter,
    Gauge,
}

/// One figure. Of two with the same labels the second is dropped.
#[derive(Debug, Clone)]
pub struct Row {
    /// Keys: `[a-zA-Z_][a-zA-Z0-9_]*`. Values: cut to 128 bytes, so put the parts of an instance's id, which has up to
    /// 194, into labels of their own.
    pub labels: Vec<(&'static str, String)>,
    pub value: f64,
}

/// Whether the process does what it is for.
#[derive(Debug, Clone)]
pub struct Health {
    pub ok: bool,
    /// A few figures for a person. No names of tenants: whoever reaches the port may read it.
    pub detail: Value,
}
