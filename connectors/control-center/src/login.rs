//! Logging in: the challenge signed, the hello read, a refusal handed on.

use crate::connection::NAME;
use crate::line::Phase;
use crate::{ControlCenter, DEVICE, DEVICE_TOKEN, GATEWAY_TOKEN, now_ms, verdict};
use openclaw::connect::{Auth, Challenge, Client, Device, Hello, Wish};
use openclaw::device::{self, Signing};
use openclaw::frame::Problem;
use openclaw::policy;
use sdk::crypto::{self, Part};
use sdk::status::State;
use sdk::{Fill, log, secrets, websocket};

/// All that is needed to look, and nothing with which to change anything.
const SCOPE: &str = "operator.read";

impl ControlCenter {
    pub(crate) async fn challenged(&self, challenge: Challenge) {
        let ready = self.memory.with(|memory| {
            if matches!(memory.line.phase(), Phase::Resuming { .. } | Phase::HalfOpen | Phase::Closed) {
                memory.line.opened(now_ms());
            }
            let is_first = matches!(memory.line.phase(), Phase::Challenge { .. });
            is_first.then(|| (memory.line.turn(), wish(auth(memory.device_token_refused))))
        });
        let Some((turn, wish)) = ready else { return log::warn!("a challenge that nobody waits for") };
        let secret = secret(wish.auth);
        let signed = crypto::sign(DEVICE, self.parts(&wish, &challenge, secret)).await;
        let Some(signature) = signed.as_ref().ok().and_then(|signature| signature.as_slice().try_into().ok())
        else {
            let why =
                signed.map_or_else(|error| error.to_string(), |_| "a signature of another length".into());
            return self.stop_for_a_while(&format!("could not sign the login: {why}")).await;
        };
        let device = Device { public_key: self.public_key, signature };
        let frame = self.memory.with(|memory| {
            let is_same = memory.line.turn() == turn;
            is_same.then(|| memory.line.connect(&wish, &device, &challenge, now_ms()))
        });
        let Some(frame) = frame else { return };
        self.arm();
        let fills = secret.zip(wish.auth.pointer()).map(|(secret, pointer)| Fill::json(secret, pointer));
        match websocket::send_filled(NAME, frame, fills.into_iter().collect()).await {
            Ok(()) => log::debug!("logging in", with = secret.unwrap_or("the device alone")),
            Err(error @ (websocket::Error::Denied(_) | websocket::Error::Invalid(_))) => {
                self.stop_for_a_while(&format!("could not log in: {error}")).await;
            }
            Err(error) => log::warn!("could not log in: {error}"),
        }
    }

    fn parts(&self, wish: &Wish, challenge: &Challenge, secret: Option<&str>) -> Vec<Part> {
        let parts = Signing::new(&self.public_key, wish, challenge).parts();
        let part = |part| match part {
            device::Part::Text(text) => Part::Text(text),
            device::Part::Token => Part::secret(secret.unwrap_or_default()),
        };
        parts.into_iter().map(part).collect()
    }

    pub(crate) async fn greeted(&self, hello: Hello) {
        let Phase::Hello { with, .. } = self.memory.with(|memory| memory.line.phase()) else { return };
        if !hello.has_scope(SCOPE) {
            return self.too_little(with).await;
        }
        self.memory.with(|memory| {
            memory.line.greeted((&hello).into());
            memory.device_token_refused &= !hello.has_device_token;
            if let Some(rows) = crate::field::list(&hello.snapshot, "presence") {
                memory.picture.set_presence(rows);
            }
            if let Some(health) = hello.snapshot.get("health") {
                memory.picture.set_health(health);
            }
        });
        log::info!(
            "connected",
            connection = crate::field::cut(&hello.connection_id, 64),
            protocol = hello.protocol,
            version = crate::field::cut(&hello.server_version, 64)
        );
        self.report(State::Connected, "");
        self.show();
        self.refresh().await;
        self.note().await;
    }

    /// Without the scope every question is refused, and no event comes.
    async fn too_little(&self, with: Auth) {
        log::error!("the gateway granted no operator.read");
        if with == Auth::DeviceToken {
            self.memory.with(|memory| memory.device_token_refused = true);
            self.reconnect();
            return self.note().await;
        }
        self.stop_for_a_while(
            "the gateway let us in without the scope operator.read: approve it for this device \
             (openclaw devices list), or set the secret gatewayToken",
        )
        .await;
    }

    pub(crate) async fn refused(&self, problem: Problem) {
        let said = verdict::said(&problem);
        log::warn!("the gateway refused the login: {said}");
        self.decide(policy::after(Some(&problem), None, ""), &said).await;
        self.show();
        self.note().await;
    }

    async fn stop_for_a_while(&self, why: &str) {
        log::error!("{why}");
        self.report(State::Failed, why);
        self.pause(verdict::AGAIN);
        self.show();
        self.note().await;
    }
}

fn wish(auth: Auth) -> Wish {
    let client =
        Client { display_name: Some("control-center".into()), ..Client::backend(env!("CARGO_PKG_VERSION")) };
    // What agents say is not for us: without this the gateway sends every word of every session.
    let caps = vec![Wish::SESSION_SCOPED.to_owned()];
    Wish { caps, ..Wish::operator(client, &[SCOPE], auth) }
}

fn auth(is_refused: bool) -> Auth {
    match secrets::exists(GATEWAY_TOKEN) {
        _ if secrets::exists(DEVICE_TOKEN) && !is_refused => Auth::DeviceToken,
        true => Auth::Token,
        false => Auth::None,
    }
}

fn secret(auth: Auth) -> Option<&'static str> {
    match auth {
        Auth::Token => Some(GATEWAY_TOKEN),
        Auth::DeviceToken => Some(DEVICE_TOKEN),
        Auth::None | Auth::Password => None,
    }
}
