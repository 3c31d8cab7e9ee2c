import type { LucideIcon } from 'lucide-react'
import {
  Disc3,
  FolderOpen,
  HardDrive,
  House,
  KeyRound,
  Mail,
  Network,
  Server,
  Share2,
  ShieldCheck,
  Terminal,
  Users,
} from 'lucide-react'

export interface Place {
  text: string
  to: string
  icon: LucideIcon
}

/** Where one can go, in groups. */
export const PLACES: { title?: string; places: Place[]; role?: string }[] = [
  { places: [{ text: 'Home', to: '/', icon: House }] },
  {
    title: 'Compute',
    places: [
      { text: 'Servers', to: '/servers', icon: Server },
      { text: 'Images', to: '/images', icon: Disc3 },
      { text: 'SSH keys', to: '/keys', icon: KeyRound },
    ],
  },
  {
    title: 'Storage',
    places: [
      { text: 'Object storage', to: '/storage', icon: FolderOpen },
      { text: 'Shared files', to: '/shared', icon: Share2 },
      { text: 'Groups', to: '/groups', icon: Users },
      { text: 'Volumes', to: '/volumes', icon: HardDrive },
    ],
  },
  { title: 'Networking', places: [{ text: 'Networks', to: '/networks', icon: Network }] },
  { title: 'Account', places: [{ text: 'Sign-in and security', to: '/security', icon: ShieldCheck }] },
  { title: 'Developer', places: [{ text: 'API access', to: '/access', icon: Terminal }] },
  { title: 'Administration', role: 'admin', places: [{ text: 'Mails', to: '/admin/mails', icon: Mail }] },
]
