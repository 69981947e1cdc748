//! The only place that resolves a name or opens a connection for a connector (design, decision 15).
//!
//! A [`Dialer`] serves the whole process; [`Dialer::way`] makes of it the way out of one instance, which is all that
//! the rooms ever see. No proxy and no trust root is taken from the environment: what `HTTPS_PROXY`, `SSL_CERT_FILE`
//! or `SSLKEYLOGFILE` say is not read by anything in here.
mod certificate;
mod connect;
mod dialer;
mod pins;
mod proxy;
mod resolve;
mod roots;
mod tls;
mod tunnel;
mod way;

pub use certificate::{CertificateError, ClientCertificate};
pub use dialer::{DEADLINE, Dialer};
pub use pins::Pins;
pub use proxy::{Names, Proxy, ProxyError};
pub use resolve::{Resolve, SystemResolver};
pub use roots::{RootError, Roots};
pub use way::Way;
