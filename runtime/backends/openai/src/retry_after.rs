//! When the far end wants to be asked again.
use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use std::time::{Duration, SystemTime};

/// Whoever says more is asked again after this all the same: by then somebody may have mended it.
pub(crate) const LONGEST: Duration = Duration::from_secs(3600);

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// `retry-after-ms` in milliseconds before `retry-after` in seconds or as a date, as OpenAI's own clients read them.
/// None where nothing is said, or nothing that lies ahead: whoever asks again has a pace of their own.
pub(crate) fn of(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| text.parse::<f64>().ok();
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    if let Some(milliseconds) = text(&RETRY_AFTER_MS).and_then(seconds) {
        return ahead(milliseconds / 1000.0);
    }
    let value = text(&RETRY_AFTER)?;
    if let Some(seconds) = seconds(value) {
        return ahead(seconds);
    }
    // Against the far end's own clock, where it shows it: ours may be wrong.
    let now = text(&DATE).and_then(date).unwrap_or(now);
    let wait = date(value)?.duration_since(now).ok()?;
    Some(wait.min(LONGEST)).filter(|wait| !wait.is_zero())
}

fn ahead(seconds: f64) -> Option<Duration> {
    let bounded = Some(seconds.min(LONGEST.as_secs_f64())).filter(|_| seconds > 0.0)?;
    Duration::try_from_secs_f64(bounded).ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        of(
            &headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
            now,
        )
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_read() {
        for (headers, expected) in [
            (&[("retry-after", "20")][..], Duration::from_secs(20)),
            (&[("retry-after", "1.5")], Duration::from_millis(1500)),
            (&[("retry-after-ms", "250"), ("retry-after", "9")], Duration::from_millis(250)),
            (&[("retry-after-ms", "soon"), ("retry-after", "9")], Duration::from_secs(9)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")], Duration::from_secs(30)),
            (
                &[
                    ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
                    ("date", "Sun, 06 Nov 1994 08:50:00 GMT"),
                ],
                Duration::from_secs(7),
            ),
        ] {
            assert_eq!(wait(headers), Some(expected), "{headers:?}");
        }
    }

    #[test]
    fn no_wait_is_over_an_hour_and_none_lies_behind() {
        for long in ["86400", "1e300", "inf", "Mon, 07 Nov 1994 08:49:37 GMT"] {
            assert_eq!(wait(&[("retry-after", long)]), Some(LONGEST), "{long}");
        }
        for nothing in ["0", "-1", "NaN", "", "soon", "1e-300", "Sun, 06 Nov 1994 08:49:30 GMT"] {
            assert_eq!(wait(&[("retry-after", nothing)]), None, "{nothing}");
        }
        assert_eq!(wait(&[]), None);
    }
}
