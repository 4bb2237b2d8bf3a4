// SPDX-License-Identifier: GPL-2.0-or-later
/* What the verifier makes of the programs, and how far that is from its limits. */
#include "harness.h"

#define PROGRAMS_MAX 8
#define FUNCTIONS    64
#define LOG_SIZE     4096

/* Limits of the kernel's (kernel/bpf/verifier.c), and how much of them we take at most. */
#define STACK_LIMIT 512
#define STACK_OURS  448
#define INSNS_LIMIT 1000000
#define INSNS_OURS  100000

struct program {
        const struct bpf_insn *insns;
        size_t n;
        size_t functions;
        size_t start[FUNCTIONS];   /* the first instruction of each */
        unsigned stack[FUNCTIONS]; /* bytes, as the verifier says */
};

static bool is_call(const struct bpf_insn *i)
{
        bool call = i->code == (BPF_JMP | BPF_CALL) && i->src_reg == BPF_PSEUDO_CALL;

        return call || (i->code == (BPF_LD | BPF_IMM | BPF_DW) && i->src_reg == BPF_PSEUDO_FUNC);
}

static size_t target(const struct program *p, size_t i)
{
        return (size_t)((ptrdiff_t)i + p->insns[i].imm + 1);
}

static int compare(const void *a, const void *b)
{
        const size_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* Where functions begin: wherever a call leads. */
static void find_functions(struct program *p)
{
        p->start[p->functions++] = 0;
        for (size_t i = 0; i < p->n; i++) {
                bool known = !is_call(p->insns + i);

                for (size_t f = 0; f < p->functions && !known; f++)
                        known = p->start[f] == target(p, i);
                if (known)
                        continue;
                assert_true(p->functions < FUNCTIONS);
                p->start[p->functions++] = target(p, i);
        }
        qsort(p->start, p->functions, sizeof(p->start[0]), compare);
}

/* The most stack that a function and what it calls take, each frame in units of 32 bytes, as
 * Linux 6.1 counts; newer ones count no more. */
static unsigned deepest(const struct program *p, size_t function)
{
        size_t end = function + 1 < p->functions ? p->start[function + 1] : p->n;
        unsigned own = (MAX(p->stack[function], 1u) + 31) / 32 * 32, most = 0;

        for (size_t i = p->start[function]; i < end; i++)
                for (size_t f = 0; is_call(p->insns + i) && f < p->functions; f++)
                        if (p->start[f] == target(p, i))
                                most = MAX(most, deepest(p, f));
        return own + most;
}

static void the_verifier_is_far_from_its_limits(void **state)
{
        static char logs[PROGRAMS_MAX][LOG_SIZE];
        struct p2s_bpf *skel = p2s_bpf__open();
        struct bpf_program *program;
        size_t n = 0;

        assert_non_null(skel);
        bpf_object__for_each_program(program, skel->obj)
        {
                assert_true(n < PROGRAMS_MAX);
                assert_int_equal(bpf_program__set_log_level(program, 4), 0);
                assert_int_equal(bpf_program__set_log_buf(program, logs[n++], LOG_SIZE), 0);
        }
        assert_int_equal(p2s_bpf__load(skel), 0);
        n = 0;
        bpf_object__for_each_program(program, skel->obj)
        {
                struct program p = {.insns = bpf_program__insns(program),
                                    .n = bpf_program__insn_cnt(program)};
                const char *log = logs[n++], *at = strstr(log, "stack depth ");
                unsigned insns, stack;

                find_functions(&p);
                assert_non_null(at);
                at += strlen("stack depth ");
                for (size_t f = 0; f < p.functions; f++, at++) {
                        p.stack[f] = (unsigned)strtoul(at, (char **)&at, 10);
                        assert_int_equal(*at, f + 1 < p.functions ? '+' : '\n');
                }
                assert_int_equal(sscanf(strstr(log, "processed "), "processed %u", &insns), 1);
                stack = deepest(&p, 0);
                printf("%s: %zu functions, %u of %u bytes of stack, %u of %u instructions\n",
                       bpf_program__name(program), p.functions, stack, STACK_LIMIT, insns,
                       INSNS_LIMIT);
                assert_true(stack <= STACK_OURS);
                assert_true(insns <= INSNS_OURS);
        }
        p2s_bpf__destroy(skel);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_verifier_is_far_from_its_limits),
        };

        harness_check();
        return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
