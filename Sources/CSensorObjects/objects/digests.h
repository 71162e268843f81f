/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 1e6b9918214bc3366eb6ec946bb6c70da8eb02fbd87379e54c7742c3eee65e8b  ringfence_x86_64.bpf.o */
/* d23880fc315d0ca1602fc73698cc1ae4cd96247b40bee1d6fc22de8f5c385d1d  ringfence_arm64.bpf.o */
