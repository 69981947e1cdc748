//! Which secrets there are. There is no way to a value: name a secret in a [`Fill`](crate::Fill) or in a
//! [`crypto::Part`](crate::crypto::Part) instead.

/// Whether the operator configured a secret of this name for this instance, or one has arrived.
pub fn exists(name: &str) -> bool {
    crate::calls::secret_exists(name)
}
