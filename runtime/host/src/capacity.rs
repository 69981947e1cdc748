//! What this machine lets one process have: taken in full, and known before it runs out.
use engine::MostAlive;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Memory maps of a living instance: its memory, its tables, its stacks. Measured: four, and two for each further stack.
const MAPS_OF_INSTANCE: usize = 6;

/// For everything else of the process.
const OTHER_MAPS: usize = 4096;

/// What Linux allows where it does not say.
const USUAL_MAPS: usize = 65_530;

/// Sockets are files: as many as the operator of the machine allows, not as many as shells begin with.
pub fn open_as_many_files_as_allowed() {
    let limit = getrlimit(Resource::Nofile);
    // Without it there are fewer sockets, and a dial says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

pub fn most_alive() -> MostAlive {
    let maps = std::fs::read_to_string("/proc/sys/vm/max_map_count");
    let maps = maps.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(USUAL_MAPS);
    of_maps(maps)
}

fn of_maps(maps: usize) -> MostAlive {
    MostAlive {
        instances: (maps.saturating_sub(OTHER_MAPS) / MAPS_OF_INSTANCE).max(1),
        reason: format!(
            "this machine has memory maps for no more (vm.max_map_count is {maps}): raise it, or let instances sleep \
             (limits.idle_seconds)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_machine_has_room_for_ten_thousand_and_any_for_one() {
        assert_eq!(of_maps(USUAL_MAPS).instances, 10_239);
        assert_eq!(of_maps(100).instances, 1);
        assert!(most_alive().reason.contains("vm.max_map_count"));
    }
}
