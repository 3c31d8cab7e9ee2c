export const MIB = 1024n * 1024n
export const GIB = 1024n * MIB
