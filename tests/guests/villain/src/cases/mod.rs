//! One misdeed per file; the name of the file is the name of the case.
use crate::case::Doors;

macro_rules! cases {
    ($($case:ident,)+) => {
        $(mod $case;)+

        /// The case of this name.
        pub fn named(name: &str) -> Option<Box<dyn Doors>> {
            match name {
                $(stringify!($case) => Some(Box::new($case::Villain::default())),)+
                _ => None,
            }
        }
    };
}

cases! {
    loop_in_start,
    loop_in_on_open,
    loop_in_on_message,
    loop_in_on_close,
    loop_in_on_fire,
    loop_in_call,
    loop_in_command,
    loop_in_on_reply,
    loop_in_on_outbound,
    loop_in_stop,
    trap_in_start,
    trap_in_on_open,
    trap_in_on_message,
    trap_in_on_close,
    trap_in_on_fire,
    trap_in_call,
    trap_in_command,
    trap_in_on_reply,
    trap_in_on_outbound,
    trap_in_stop,
    trap_after_send,
    wait_in_start,
    wait_in_on_fire,
    wait_in_stop,
    block_in_on_fire,
    leave_tasks,
    leave_calls,
    leave_trap,
    leave_loop,
    calls_in_a_loop,
    calls_between_turns,
    yield_for_ever,
    yield_on_the_spot,
    backpressure,
    calls_in_flight,
    big_list,
    big_calls,
    hashes_in_a_loop,
    big_answers,
    big_refusal,
    grow_memory,
    recurse,
    recurse_through_calls,
    leak_handles,
    use_after_drop,
    foreign_handle,
    flood_log,
    flood_output,
    flood_timers,
    cancel_races,
    flood_agent,
    flood_sockets,
    flood_requests,
    flood_store,
    flood_keys,
    flood_status,
    slow_on_message,
    retry_forever,
    metrics_names,
    exit,
    poisoned_store,
}
