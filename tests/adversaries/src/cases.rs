//! One file per case. The names are those of the files.

pub(crate) use future_with_itself::FUTURE;

/// Makes a component's bytes.
pub type Make = fn() -> anyhow::Result<Vec<u8>>;

macro_rules! cases {
    (valid: $($valid:ident)* ; invalid: $($invalid:ident)*) => {
        $(mod $valid;)*
        $(mod $invalid;)*

        /// All of them, by name.
        pub const CASES: &[(&str, Make)] = &[
            $((stringify!($valid), $valid::component),)*
            $((stringify!($invalid), $invalid::component),)*
        ];

        /// Those that no compiler with our settings may take: malformed, over its own limits, or of a proposal that is
        /// off.
        pub const INVALID: &[&str] = &[$(stringify!($invalid)),*];
    };
}

// NB: `cargo fmt` does not see modules that a macro declares; `rustfmt src/cases/*.rs` does.
cases! {
    valid:
        loop_in_start_function
        loop_in_init
        slow_birth
        loop_in_describe
        loop_in_post_return
        loop_in_post_return_of_start
        loop_in_realloc
        loop_in_start
        loop_in_stop
        loop_by_tail_calls
        trap_in_start_function
        trap_in_realloc
        trap_in_post_return
        trap_in_post_return_of_start
        trap_in_stop
        import_called_in_describe
        import_called_in_realloc
        realloc_out_of_bounds
        realloc_unaligned
        result_unaligned
        result_out_of_bounds
        bad_utf8
        bad_list_length
        bad_discriminant
        bad_disposition
        huge_descriptor
        many_hints
        repeated_strings
        multi_memory
        big_initial_memory
        big_birth
        many_memories
        grow_memory_many
        grow_memory
        big_initial_table
        grow_table
        nine_hundred_instances
        many_globals
        instance_explosion
        deep_recursion
        huge_br_table
        huge_br_table_refused
        million_functions
        deep_nesting
        deep_loops
        nops
        many_locals
        live_in_all_loops
        huge_data
        over_the_file_limit
        wrong_world
        missing_lifecycle
        empty_lifecycle
        other_version
        unknown_import
        import_of_other_version
        wasi_filesystem
        wasi_sockets
        wasi_http
        wasi_preopens
        import_function_at_top_level
        import_module
        import_with_our_prefix
        unknown_function_in_known_interface
        wrong_type_of_import
        wrong_type_of_function
        wrong_type_of_start
        import_flood
        escapes_in_descriptor
        escapes_in_start_error
        tail_calls
        task_never_returns
        handler_never_returns
        stop_never_returns
        exit_without_return
        return_twice
        return_of_another
        unknown_callback_code
        trap_in_callback
        spin_in_callback
        spin_in_callback_of_handler
        foreign_handle
        foreign_waitable_set
        foreign_join
        leave_subtasks
        drop_unfinished_subtask
        use_after_drop
        subtask_flood
        waitable_set_flood
        waitable_set_flood_in_describe
        future_flood
        future_flood_in_describe
        resource_flood
        resource_flood_in_describe
        backpressure_forever
        backpressure_overflow
        yield_forever
        yield_forever_after_return
        yield_forever_in_handler
        yield_forever_after_handler
        pingpong_after_return
        pingpong_in_handler
        pingpong_slow
        tasks_pile_up
        yield_forever_in_stop
        thread_yield_forever
        thread_yield_forever_in_handler
        wait_in_function
        wait_in_function_of_handler
        wait_in_realloc
        many_elements
        wait_in_describe
        wait_at_birth
        yield_in_describe
        yield_at_birth
        return_in_describe
        return_at_birth
        return_in_realloc
        return_in_post_return
        backpressure_at_birth
        late_result_out_of_bounds
        argument_out_of_bounds
        cancel_twice
        set_dropped_under_waiter
        future_with_itself
        future_dropped_while_reading
        future_dropped_unwritten
        future_read_twice
        stream_out_of_bounds
        table_bomb
        nested_components;
    invalid:
        memory64
        memory64_initial
        function_references
        relaxed_simd
        many_instances
        deeply_nested_components
        deep_types
        empty_file
        truncated
        garbage
        core_module
        text
        escapes_in_names
        shared_memory
        atomics
        gc
        gc_i31
        gc_externref
        exceptions
        exceptions_legacy
        wide_arithmetic
        stack_switching
        custom_page_sizes
        stackful_lift
        error_context
        component_threads
        gc_subtypes
        gc_subtypes_in_start
        describe_never_returns
        describe_yields_forever
}
