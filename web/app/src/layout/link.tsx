import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type AnchorLinkProps = AnchorProps & Omit<ComponentPropsWithRef<'a'>, keyof AnchorProps>;
type ButtonLinkProps = ButtonProps & Omit<ComponentPropsWithRef<'a'>, keyof ButtonProps>;

// Mantine's looks on the router's links.
export const AnchorLink = createLink((props: AnchorLinkProps) => <Anchor inherit underline="always" {...props} />);
export const ButtonLink = createLink((props: ButtonLinkProps) => <Button component="a" {...props} />);
