//! TCP to the first judged address that answers.
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// For one address while another is left; the last has what remains of the deadline. A lost SYN is repeated after 1 s.
pub(crate) const PER_ADDRESS: Duration = Duration::from_secs(3);

/// A name's owner decides how many addresses it has; past these nobody serious is behind the next.
const MAX_ADDRESSES: usize = 8;

pub(crate) async fn connect(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    first(&in_turn(addresses, port), open).await
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_keepalive(true)?;
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

async fn first<T, F>(addresses: &[SocketAddr], attempt: impl Fn(SocketAddr) -> F) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut failed = Vec::new();
    for (at, &address) in addresses.iter().enumerate() {
        let tried = match at + 1 == addresses.len() {
            true => attempt(address).await,
            false => timeout(PER_ADDRESS, attempt(address)).await.unwrap_or_else(|late| Err(late.into())),
        };
        match tried {
            Ok(stream) => return Ok(stream),
            Err(error) => failed.push((address, error)),
        }
    }
    Err(one_error(failed))
}

/// The families in turn, beginning with that of the best (RFC 8305, section 4): one that leads nowhere must not use up
/// the deadline. The addresses are the ones that were judged: a mapped one is dialled as the IPv4 address it is.
pub(crate) fn in_turn(addresses: &[IpAddr], port: u16) -> Vec<SocketAddr> {
    let mut families = [Vec::new(), Vec::new()];
    let best_is_v4 = addresses.first().is_some_and(|best| best.to_canonical().is_ipv4());
    for address in addresses.iter().map(IpAddr::to_canonical) {
        let family: &mut Vec<IpAddr> = &mut families[usize::from(address.is_ipv4() != best_is_v4)];
        if family.len() < MAX_ADDRESSES && !family.contains(&address) {
            family.push(address);
        }
    }
    let turns =
        (0..MAX_ADDRESSES).flat_map(|turn| families.iter().filter_map(move |family| family.get(turn)));
    turns.take(MAX_ADDRESSES).map(|&address| SocketAddr::new(address, port)).collect()
}

/// Says of each address what happened; of the kind of the last.
fn one_error(failed: Vec<(SocketAddr, io::Error)>) -> io::Error {
    let kind = failed.last().map_or(io::ErrorKind::NotFound, |(_, error)| error.kind());
    let said: Vec<String> = failed.iter().map(|(address, error)| format!("{address}: {error}")).collect();
    io::Error::new(kind, said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::time::Instant;

    fn turns(addresses: &[&str]) -> Vec<String> {
        let parsed: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        in_turn(&parsed, 80).iter().map(|a| a.ip().to_string()).collect()
    }

    #[test]
    fn families_take_turns_and_nothing_is_tried_twice() {
        assert_eq!(
            turns(&["2600::1", "2600::2", "2600::1", "1.1.1.1", "::ffff:1.1.1.1", "1.1.1.2"]),
            ["2600::1", "1.1.1.1", "2600::2", "1.1.1.2"]
        );
        assert_eq!(turns(&["1.1.1.1", "1.1.1.2", "2600::1"]), ["1.1.1.1", "2600::1", "1.1.1.2"]);
        let crowd: Vec<String> = (0..200).map(|n| format!("1.1.1.{n}")).collect();
        assert_eq!(turns(&crowd.iter().map(String::as_str).collect::<Vec<_>>()).len(), MAX_ADDRESSES);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_is_silent_gives_way_to_the_next() {
        let begin = Instant::now();
        let [silent, answers] = ["1.1.1.1:80", "1.1.1.2:80"].map(|a| a.parse::<SocketAddr>().unwrap());
        let attempt = |address: SocketAddr| async move {
            match address == silent {
                true => pending().await,
                false => Ok(address),
            }
        };
        assert_eq!(first(&[silent, answers], attempt).await.unwrap(), answers);
        assert_eq!(begin.elapsed(), PER_ADDRESS);
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_each_is_named() {
        let addresses = ["1.1.1.1:80", "[2600::1]:80"].map(|a| a.parse::<SocketAddr>().unwrap());
        let refused = |_| async { Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionRefused)) };
        let error = first(&addresses, refused).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(error.to_string(), "1.1.1.1:80: connection refused; [2600::1]:80: connection refused");
    }
}
