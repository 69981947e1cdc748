use super::*;
use crate::KeyFileError;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::thread;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_key_is_made_once_and_read_from_then_on() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("operator.key");
    let made = OperatorKey::of_file(&path).unwrap();
    assert_eq!(OperatorKey::of_file(&path).unwrap().bytes(), made.bytes());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    let other = OperatorKey::of_file(&dir.path().join("other.key")).unwrap();
    assert_ne!(other.bytes(), made.bytes());
    // What the operator is told to write is read as well.
    let text = Secret::new(fs::read_to_string(&path).unwrap());
    assert_eq!(OperatorKey::parse(&text).unwrap().bytes(), made.bytes());
}

#[test]
fn makers_at_once_end_with_one_key() {
    for _ in 0..20 {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("operator.key");
        let make = || {
            thread::spawn({
                let path = path.clone();
                move || *OperatorKey::of_file(&path).unwrap().bytes()
            })
        };
        let makers: Vec<_> = (0..8).map(|_| make()).collect();
        let keys: Vec<_> = makers.into_iter().map(|maker| maker.join().unwrap()).collect();
        assert!(keys.iter().all(|key| key == OperatorKey::of_file(&path).unwrap().bytes()));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn what_is_no_key_file_is_refused_with_what_to_do_and_left_alone() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("operator.key");
    OperatorKey::of_file(&path).unwrap();
    for shared in [0o640, 0o604, 0o660, 0o620] {
        mode(&path, shared);
        let error = OperatorKey::of_file(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Shared { .. }) && error.to_string().contains("chmod 600"));
    }
    mode(&path, 0o600);
    let link = dir.path().join("link");
    symlink(&path, &link).unwrap();
    for other in [link.as_path(), dir.path()] {
        let error = OperatorKey::of_file(other).unwrap_err();
        assert!(matches!(error, KeyFileError::NotAFile { .. }), "{error}");
        assert!(error.to_string().contains("move it away"), "{error}");
    }
    for text in ["", "hunter2hunter2", &"x".repeat(5000)] {
        fs::write(&path, text).unwrap();
        let error = OperatorKey::of_file(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Bad { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let nowhere = OperatorKey::of_file(&dir.path().join("no/folder/key")).unwrap_err();
    assert!(matches!(nowhere, KeyFileError::Disk { .. }) && nowhere.to_string().contains("no/folder"));
}
