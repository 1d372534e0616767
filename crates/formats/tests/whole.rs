//! Files are there as a whole or not at all.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod scratch;

use std::{fs, io::Write, path::Path};

use ceratops_core::{Error, Result};
use ceratops_formats::{check_writable, write_whole};
use scratch::*;

fn write(path: &Path, text: &str) -> Result<()> {
    write_whole(path, |file| file.write_all(text.as_bytes()).map_err(|e| Error::io("text", e)))
}

#[test]
fn a_file_is_replaced_as_a_whole_or_stays() {
    let folder = scratch("whole_replaced");
    let path = folder.join("net.keras");
    write(&path, "old").unwrap();
    let failed = write_whole(&path, |file| {
        file.write_all(b"half of the new").map_err(|e| Error::io("text", e))?;
        Err(Error::Data("the other half is missing".into()))
    });
    assert_eq!(failed.unwrap_err().to_string(), "the other half is missing");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    write(&path, "new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(names(&folder), ["net.keras"]);
}

#[test]
fn a_name_may_be_as_long_as_names_may_be() {
    let path = scratch("whole_long").join("n".repeat(255));
    write(&path, "long").unwrap();
    assert_eq!(fs::read_to_string(path).unwrap(), "long");
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = scratch("whole_refused");
    for path in [folder.clone(), folder.join(".."), "".into()] {
        let error = write(&path, "x").unwrap_err().to_string();
        assert!(error.contains("expected the path of a file"), "{error}");
    }
    let error = write(&folder.join("missing/net.keras"), "x").unwrap_err().to_string();
    assert!(error.contains("missing/net.keras: "), "{error}");
    assert_eq!(names(&folder), [""; 0]);
}

#[cfg(unix)]
#[test]
fn devices_links_and_permissions_stay_what_they_are() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    write(Path::new("/dev/null"), "x").unwrap();
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());

    let folder = scratch("whole_links");
    let (target, link) = (folder.join("target"), folder.join("link"));
    write(&target, "old").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("target", &link).unwrap();
    write(&link, "new").unwrap();
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);

    fs::set_permissions(&target, fs::Permissions::from_mode(0o440)).unwrap();
    let error = write(&target, "newer").unwrap_err().to_string();
    assert!(error.contains("expected a file that may be written"), "{error}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "new");
}

#[test]
fn what_cannot_be_written_is_known_before() {
    let folder = scratch("whole_before");
    assert!(check_writable(&folder.join("net.keras")).is_ok());
    assert!(fs::read_dir(&folder).unwrap().next().is_none(), "something is left behind");
    assert!(check_writable(&folder).is_err());
    assert!(check_writable(&folder.join("none/net.keras")).is_err());
}

#[test]
fn what_the_dead_left_is_removed_and_what_the_living_write_stays() {
    let folder = scratch("whole_swept");
    let (net, other) = (folder.join("net.keras"), folder.join("other.keras"));
    // A file that somebody writes: it is there for as long as `write` runs.
    write_whole(&net, |_| {
        let [written]: [String; 1] = names(&folder).try_into().unwrap();
        assert!(written.starts_with(".ceratops-") && written.ends_with(".part"), "{written}");
        // What a process that was killed has left has the same name, but for its number.
        let (begin, _) = written.rsplit_once('-').unwrap();
        let left = folder.join(format!("{begin}-999.part"));
        fs::write(&left, "half of a mod").unwrap();
        // Whoever writes another file leaves it alone.
        check_writable(&other)?;
        assert!(left.exists());
        check_writable(&net)?;
        assert_eq!(names(&folder), [written.as_str()]);
        Ok(())
    })
    .unwrap();
    assert_eq!(names(&folder), ["net.keras"]);
}

#[cfg(unix)]
#[test]
fn links_that_look_like_leftovers_lead_nowhere() {
    let folder = scratch("whole_planted");
    let (net, precious) = (folder.join("net.keras"), folder.join("precious"));
    fs::write(&precious, "kept").unwrap();
    write_whole(&net, |_| {
        let [_, written]: [String; 2] = {
            let mut all = names(&folder);
            all.sort_by_key(|name| name.ends_with(".part"));
            all.try_into().unwrap()
        };
        let (begin, _) = written.rsplit_once('-').unwrap();
        std::os::unix::fs::symlink(&precious, folder.join(format!("{begin}-7.part"))).unwrap();
        check_writable(&net)
    })
    .unwrap();
    assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
}
