/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists who has which datagram socket open.
 *
 * An iterator: it runs when p2sd reads it, over all open files of all processes
 * of p2sd's PID namespace, and never while packets pass. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "socket-owner-abi.h"

#define S_IFMT     0170000
#define S_IFSOCK   0140000
#define SOCK_DGRAM 2
#define AF_INET    2
#define AF_INET6   10

/* The members that are read, of structs that differ from kernel to kernel: libbpf
 * puts in where they are, from the kernel's BTF. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct seq_file;
struct bpf_iter_meta {
        struct seq_file *seq;
};
struct qstr {
        const unsigned char *name;
};
struct dentry {
        struct qstr d_name;
};
struct path {
        struct dentry *dentry;
};
struct inode {
        unsigned short i_mode;
        unsigned long i_ino;
};
struct sock_common {
        unsigned short skc_family;
};
struct sock {
        struct sock_common __sk_common;
};
struct socket {
        short type;
        struct sock *sk;
};
struct file {
        struct path f_path;
        struct inode *f_inode;
        void *private_data;
};
struct mm_struct {
        struct file *exe_file;
};
struct upid {
        int nr;
};
struct pid {
        unsigned int level;
        struct upid numbers[1];
};
struct task_struct {
        struct task_struct *group_leader;
        struct mm_struct *mm;
        struct pid *thread_pid;
        char comm[SOCKET_OWNER_COMM_MAX];
};
struct bpf_iter__task_file {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
        __u32 fd;
        struct file *file;
};
#pragma clang attribute pop

/* A process has a number in each PID namespace from the first to its own.  They are
 * read as any memory is: on Linux 6.1 nothing may be added to a pointer of known
 * type that the verifier cannot foresee. */
static __u32 pid_for_reader(struct task_struct *leader)
{
        struct task_struct *reader = (struct task_struct *)bpf_get_current_task();
        unsigned int level = BPF_CORE_READ(reader, thread_pid, level);
        const char *numbers = (const char *)BPF_CORE_READ(leader, thread_pid);
        __u32 pid = 0;

        numbers += bpf_core_field_offset(struct pid, numbers);
        numbers += level * bpf_core_type_size(struct upid);
        numbers += bpf_core_field_offset(struct upid, nr);
        (void)bpf_probe_read_kernel(&pid, sizeof(pid), numbers);
        return pid;
}

static int is_datagram(const struct file *file)
{
        struct socket *socket;
        unsigned short family;

        if ((file->f_inode->i_mode & S_IFMT) != S_IFSOCK)
                return 0;
        socket = file->private_data;
        if (BPF_CORE_READ(socket, type) != SOCK_DGRAM)
                return 0;
        family = BPF_CORE_READ(socket, sk, __sk_common.skc_family);
        return family == AF_INET || family == AF_INET6;
}

SEC("iter/task_file")
int socket_owners(struct bpf_iter__task_file *ctx)
{
        struct task_struct *task = ctx->task, *leader;
        struct file *file = ctx->file;
        struct socket_owner owner = {};

        if (!task || !file || !is_datagram(file))
                return 0;
        leader = task->group_leader;
        owner.inode = (__u32)file->f_inode->i_ino;
        owner.pid = pid_for_reader(leader);
        (void)bpf_probe_read_kernel_str(owner.comm, sizeof(owner.comm), leader->comm);
        (void)bpf_probe_read_kernel_str(
                owner.exe, sizeof(owner.exe),
                BPF_CORE_READ(leader, mm, exe_file, f_path.dentry, d_name.name));
        (void)bpf_seq_write(ctx->meta->seq, &owner, sizeof(owner));
        return 0;
}

char LICENSE[] SEC("license") = "GPL";
