//! Which secrets there are. There is no way to a value: name a secret in a [`Fill`](crate::Fill) instead.

/// Whether the operator configured a secret of this name for this instance.
pub fn exists(name: &str) -> bool {
    crate::calls::secret_exists(name)
}
