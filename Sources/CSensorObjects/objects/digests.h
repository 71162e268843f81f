/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 8d513d93454ae18e801fa0299faccbf6261f65744e692e96f1054c5355f366ee  ringfence_x86_64.bpf.o */
/* 238352371cd2dffebc127e015ecdf319025d9b3865b700e58c1c094bb1d23a2f  ringfence_arm64.bpf.o */
