//! The ways out, made of what the operator configured: roots, proxies, certificates, pinned names.
use anyhow::anyhow;
use config::{
    ClientCertificate as Certificate, Egress, InstanceEgress, Pem, ProxyChoice, ProxyNames, ProxySettings,
};
use egress::{ClientCertificate, Dialer, Names, Pins, Proxy, Roots, SystemResolver, Way};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use ports::dial::Dial;
use std::sync::Arc;

/// The ways out of this process.
pub struct Ways {
    dialer: Dialer,
    roots: Roots,
    proxy: Option<Arc<Proxy>>,
}

impl Ways {
    /// # Errors
    /// A root or proxy that cannot be used: with its place in the file.
    pub fn new(egress: &Egress) -> anyhow::Result<Self> {
        let roots = with_roots(Roots::public(), &egress.roots)?;
        let resolver = Pins::new(egress.hosts.clone(), Arc::new(SystemResolver::default()));
        let dialer = Dialer::with_resolver(roots.clone(), Arc::new(resolver));
        let proxy = egress.proxy.as_ref().map(proxy).transpose()?;
        Ok(Self { dialer, roots, proxy })
    }

    /// For what the operator configured himself: every address is open.
    pub fn own(&self) -> Arc<dyn Dial> {
        let anywhere: [IpNet; 2] = [Ipv4Net::default().into(), Ipv6Net::default().into()];
        self.dialer.way(Way { private: anywhere.into(), proxy: self.proxy.clone(), ..Way::default() })
    }

    /// # Errors
    /// As [`new`](Self::new), and a certificate or its key.
    pub fn of(&self, asked: &InstanceEgress) -> anyhow::Result<Arc<dyn Dial>> {
        let roots = match asked.roots.as_slice() {
            [] => None,
            more => Some(with_roots(self.roots.clone(), more)?),
        };
        let proxy = match &asked.proxy {
            ProxyChoice::Inherited => self.proxy.clone(),
            ProxyChoice::None => None,
            ProxyChoice::Own(settings) => Some(proxy(settings)?),
        };
        let certificates = asked.certificates.iter().map(certificate).collect::<Result<_, _>>()?;
        Ok(self.dialer.way(Way { private: asked.private.clone(), roots, certificates, proxy }))
    }
}

fn with_roots(roots: Roots, more: &[Pem]) -> anyhow::Result<Roots> {
    more.iter().try_fold(roots, |roots, pem| {
        roots.with_pem(&pem.bytes).map_err(|error| anyhow!("{}: {error}", pem.place))
    })
}

fn proxy(settings: &ProxySettings) -> anyhow::Result<Arc<Proxy>> {
    let names = match settings.names {
        ProxyNames::Here => Names::Here,
        ProxyNames::There => Names::There,
    };
    let proxy = Proxy::new(&settings.url, settings.credentials.clone(), names);
    Ok(Arc::new(proxy.map_err(|error| anyhow!("{}: {error}", settings.place))?))
}

fn certificate(asked: &Certificate) -> anyhow::Result<ClientCertificate> {
    let made = ClientCertificate::new(asked.hosts.clone(), &asked.certificate, asked.key.expose().as_bytes());
    made.map_err(|error| anyhow!("{}: {error}", asked.place))
}
