//! RFC 3339 times, as the platform writes them.

/// Milliseconds since the Unix epoch of a time such as `2026-02-20T12:34:56.789Z`.
pub(crate) fn epoch_ms(text: &str) -> Option<u64> {
    let (date, clock) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, offset_minutes) = split_offset(clock)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.splitn(3, ':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let sane =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !sane {
        return None;
    }
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    u64::try_from((minutes * 60 + second) * 1000 + millis(fraction)?).ok()
}

fn number(digits: &str) -> Option<i64> {
    let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let at = clock.rfind(['+', '-'])?;
    let (hours, minutes) = clock[at + 1..].split_once(':')?;
    let offset = number(hours)? * 60 + number(minutes)?;
    Some((&clock[..at], if clock[at..].starts_with('-') { -offset } else { offset }))
}

fn millis(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<3}")[..3].parse().ok()
}

/// Days since 1970-01-01 in the Gregorian calendar; the year is counted from March so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(epoch_ms("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(epoch_ms("2026-01-01T00:00:00.5Z"), Some(1_767_225_600_500));
        assert_eq!(epoch_ms("2024-02-29T12:34:56.789123Z"), Some(1_709_210_096_789));
        assert_eq!(epoch_ms("2024-02-29T14:34:56.789+02:00"), Some(1_709_210_096_789));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in
            ["", "now", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z"]
        {
            assert_eq!(epoch_ms(text), None, "{text}");
        }
        assert_eq!(epoch_ms("1969-12-31T23:59:59Z"), None);
    }
}
