// The door of the image service: what other services and the apps may call.
export { type ImageForServer, imageForServer } from './for-servers.ts'
export type { ImageService } from './image.ts'
export { type Image, type ImageFacts, imagesVisibleTo, registerImage, showImage } from './images.ts'
export { type ImageSettings, imageSettings } from './settings.ts'
