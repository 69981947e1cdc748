//! All endpoints at one address: who is heard, and by which.
use crate::answer::{self, Answer};
use crate::gate::{self, Print};
use crate::hall::Hall;
use crate::limits::Limits;
use crate::server::Endpoint;
use http::{Request, StatusCode};
use hyper::body::Incoming;
use std::collections::HashMap;
use std::io::{Error, ErrorKind, Result};

pub(crate) struct House {
    halls: HashMap<String, Hall>,
    /// Compared where there is no endpoint, so that it takes as long.
    nobody: Print,
}

impl House {
    /// # Errors
    /// `InvalidInput`: a name that cannot stand in a path or is given twice, an empty token.
    pub fn new(endpoints: Vec<Endpoint>, limits: Limits) -> Result<Self> {
        let mut halls = HashMap::new();
        for endpoint in endpoints {
            let name = endpoint.name.clone();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
            if name.is_empty() || !name.bytes().all(plain) || [".", ".."].contains(&name.as_str()) {
                return refused(format!("endpoint {name:?}: a name is letters, digits, and -_.~"));
            }
            if !endpoint.token.expose().bytes().all(|byte| byte.is_ascii_graphic())
                || endpoint.token.expose().is_empty()
            {
                return refused(format!("endpoint {name:?}: its token must be visible ASCII, and not empty"));
            }
            if halls.insert(name.clone(), Hall::new(endpoint, limits)).is_some() {
                return refused(format!("endpoint {name:?} is there twice; give each its own name"));
            }
        }
        Ok(Self { halls, nobody: Print::of("") })
    }

    pub fn sweep(&self) {
        self.halls.values().for_each(Hall::sweep);
    }

    pub async fn answer(&self, request: Request<Incoming>) -> Answer {
        if let Err(status) = gate::from_here(request.uri(), request.headers()) {
            return answer::plain(status, "only asked by a name of this machine, and by nobody's web page\n");
        }
        let hall = request.uri().path().strip_prefix("/mcp/").and_then(|name| self.halls.get(name));
        let print = Print::of(gate::bearer(request.headers()).unwrap_or_default());
        let right = hall.map_or(&self.nobody, Hall::print).is(&print);
        match hall.filter(|_| right) {
            Some(hall) => hall.answer(request).await,
            None => answer::unauthorized(),
        }
    }

    pub fn broken() -> Answer {
        answer::plain(StatusCode::INTERNAL_SERVER_ERROR, "this request failed here\n")
    }
}

fn refused<T>(why: String) -> Result<T> {
    Err(Error::new(ErrorKind::InvalidInput, why))
}
